// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"encoding/binary"
	hexes "encoding/hex"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"breakwater/evidence/packet/decode"
	"breakwater/internal/testdata"
)

// raw is where tshark sees a field: bytes, offset, length, mask, type.
type raw struct {
	hex         string
	off, length int
	mask        float64
}

// rawOf collects the places of all fields of a frame, by their name.
func rawOf(v any, into map[string][]raw) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			name, is := strings.CutSuffix(k, "_raw")
			if !is {
				rawOf(x, into)
				continue
			}
			list, _ := x.([]any)
			if len(list) > 0 {
				if _, one := list[0].(string); one {
					list = []any{list}
				}
			}
			for _, y := range list {
				p, _ := y.([]any)
				if len(p) < 4 {
					continue
				}
				h, _ := p[0].(string)
				off, _ := p[1].(float64)
				n, _ := p[2].(float64)
				mask, _ := p[3].(float64)
				into[name] = append(into[name], raw{h, int(off), int(n), mask})
			}
		}
	case []any:
		for _, x := range v {
			rawOf(x, into)
		}
	}
}

// TestAsTshark compares names, places and values of fields with those that tshark gives for real captures.
func TestAsTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	for _, x := range []struct {
		layer, glob string
		least       int               // comparisons, so that the test cannot pass by comparing nothing
		fields      map[string]string // ours → tshark's
	}{
		{"s7comm", "iti-ics/s7/s7*.pcap", 200, map[string]string{
			"TPKT version": "tpkt.version", "TPKT length": "tpkt.length", "COTP length": "cotp.li", "PDU reference": "s7comm.header.pduref", "message type": "s7comm.header.rosctr",
			"parameter length": "s7comm.header.parlg", "data length": "s7comm.header.datlg", "function": "s7comm.param.func", "item count": "s7comm.param.itemcount",
			"SZL id": "s7comm.data.userdata.szl_id", "SZL index": "s7comm.data.userdata.szl_index", "PDU size": "s7comm.param.neg_pdu_length",
			"item 1 data block": "s7comm.param.item.db", "item 1 area": "s7comm.param.item.area", "item 1 address": "s7comm.param.item.address",
		}},
		{"enip", "icsnpp-enip/tests/traces/*.pcap*", 200, map[string]string{
			"command": "enip.command", "length": "enip.length", "session": "enip.session", "status": "enip.status", "item count": "enip.cpf.itemcount",
			"item 1 type": "enip.cpf.typeid", "item 1 length": "enip.cpf.length", "CIP path words": "cip.request_path_size", "CIP status": "cip.genstat",
			"vendor": "enip.lir.vendor", "product code": "enip.lir.prodcode", "serial number": "enip.lir.serial",
		}},
		{"modbus", "zeek/Traces/modbus/modbus*.pcap", 100, map[string]string{
			"transaction": "mbtcp.trans_id", "length": "mbtcp.len", "unit": "mbtcp.unit_id", "exception": "modbus.exception_code", "byte count": "modbus.byte_cnt",
		}},
		{"dhcp", "tcpdump/tests/dhcp-*.pcap*", 8, map[string]string{"operation": "dhcp.type", "transaction": "dhcp.id", "your address": "dhcp.ip.your", "magic": "dhcp.cookie"}},
		{"cdp", "tcpdump/tests/*CDP*.pcap", 2, map[string]string{"version": "cdp.version", "time to live": "cdp.ttl", "checksum": "cdp.checksum", "native VLAN": "cdp.native_vlan"}},
		{"lldp", "tcpdump/tests/lldp*.pcap", 4, map[string]string{"chassis id subtype": "lldp.chassis.subtype", "port id subtype": "lldp.port.subtype", "time to live": "lldp.time_to_live"}},
		{"dns", "zeek/Traces/dns*.pcap", 8, map[string]string{"id": "dns.id", "flags": "dns.flags", "questions": "dns.count.queries", "type": "dns.qry.type"}},
		{"tls", "zeek/Traces/tls/tls*.pcap", 8, map[string]string{"record type": "tls.record.content_type", "record version": "tls.record.version", "handshake type": "tls.handshake.type", "handshake length": "tls.handshake.length", "random": "tls.handshake.random"}},
	} {
		t.Run(x.layer, func(t *testing.T) {
			files, _ := filepath.Glob(filepath.Join(testdata.Dir(t), "pcap", x.glob))
			compared, seen := 0, map[string]int{}
			for _, file := range files[:min(len(files), 12)] {
				out, err := exec.Command(tshark, "-r", file, "-T", "json", "-x", "--no-duplicate-keys", "-c", "400").Output()
				if err != nil && len(out) == 0 {
					continue
				}
				var frames []struct {
					Source struct {
						Layers map[string]any `json:"layers"`
					} `json:"_source"`
				}
				if err := json.Unmarshal(out, &frames); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				for i, f := range frames {
					fields := map[string][]raw{}
					rawOf(f.Source.Layers, fields)
					whole := fields["frame"]
					if len(fields["tcp.segment"]) > 0 || len(fields["cotp.segment"]) > 0 || len(whole) != 1 || len(fields["eth"]) == 0 {
						continue
					}
					b, err := hexes.DecodeString(whole[0].hex)
					if err != nil {
						t.Fatal(err)
					}
					for _, l := range Frame(decode.LinkEthernet, b).Layers {
						if l.Name != x.layer {
							continue
						}
						base := 0
						for _, is := range l.Fields {
							if is.Name == "protocol id" && x.layer == "s7comm" {
								base = is.Offset
							}
							want := fields[x.fields[is.Name]]
							if len(want) == 0 {
								continue
							}
							found := false
							for _, w := range want { // tshark sees all messages of the segment, and counts within what COTP carries
								found = found || (w.off == is.Offset || w.off+base == is.Offset) && w.length == is.Length && w.hex == hexes.EncodeToString(b[is.Offset:is.Offset+is.Length])
							}
							if !found {
								t.Errorf("%s frame %d: %s at %d+%d, tshark has %v", filepath.Base(file), i+1, is.Name, is.Offset, is.Length, want)
							}
							checkNumber(t, b, is, x.layer == "enip")
							compared++
							seen[is.Name]++
						}
					}
				}
			}
			if compared < x.least {
				t.Errorf("%d fields were compared, want %d at least: %v", compared, x.least, seen)
			}
			t.Log(compared, seen)
		})
	}
}

// checkNumber compares the value of a field, where it is a number, with its bytes.
func checkNumber(t *testing.T, b []byte, f Field, little bool) {
	t.Helper()
	word, _, _ := strings.Cut(f.Value, " ")
	is, err := strconv.ParseUint(word, 0, 64)
	if err != nil || f.Length > 8 || strings.HasPrefix(f.Value, "byte") {
		return
	}
	var full [8]byte
	if little {
		copy(full[:], b[f.Offset:f.Offset+f.Length])
	} else {
		for i := range f.Length {
			full[i] = b[f.Offset+f.Length-1-i]
		}
	}
	if want := binary.LittleEndian.Uint64(full[:]); is != want {
		t.Errorf("%s is %s, its bytes are %d", f.Name, f.Value, want)
	}
}
