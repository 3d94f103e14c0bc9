// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

func numbers(hexes string) (b []byte) {
	for h := range strings.SplitSeq(hexes, ",") {
		v, _ := hex.DecodeString(h)
		b = append(b, v...)
	}
	return b
}

// TestJA4 uses the worked example of the published description of JA4, with GREASE values put in.

func TestJA4(t *testing.T) {
	const (
		ciphers    = "0a0a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
		signatures = "0403,0804,0401,0503,0805,0501,0806,0601"
	)
	ext := func(list string) (b []byte) {
		for _, n := range slices.Collect(slices.Chunk(numbers(list), 2)) {
			b = binary.BigEndian.AppendUint16(append(b, n...), 0)
		}
		return b
	}
	full := tlsHello{
		version: 0x0303, ciphers: numbers(ciphers), signatures: numbers(signatures), versions: numbers("8a8a,0304,0303"), named: true,
		alpn:       []byte("h2"),
		extensions: ext("4a4a,001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"),
	}
	plain := tlsHello{version: 0x0301, ciphers: numbers("0035,002f")}
	odd := full
	odd.alpn = []byte("\xab\xcd")
	none := full
	none.alpn, none.signatures = nil, nil
	for _, tt := range []struct {
		name, want string
		h          tlsHello
	}{
		{"published example", "t13d1516h2_8daaf6152771_e5627efa2ab1", full},
		{"protocol name that is not text", "t13d1516ad_8daaf6152771_e5627efa2ab1", odd},
		{"no extensions", "t10i020000_", plain},
		{"no protocol, no signatures", "t13d151600_8daaf6152771_", none},
	} {
		got := string(ja4(nil, &tt.h))
		if !strings.HasPrefix(got, tt.want) || len(got) != 36 {
			t.Errorf("ja4(%s) = %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := string(ja4(nil, &plain)); !strings.HasSuffix(got, "_000000000000") {
		t.Errorf("ja4 without extensions = %s, want zeros at the end", got)
	}
}
