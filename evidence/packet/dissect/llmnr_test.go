// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"
)

func llmnrAnswer() string {
	return dnsHeadBytes(9, 0x8000, 1, 2, 0, 0) + dnsQuestion("crane", 1, 1) +
		dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x02") + dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x07")
}

func TestLLMNR(t *testing.T) {
	wantText(t, "facts", facts(deliver(&llmnrProtocol, fromServer([]byte(llmnrAnswer())))), "10.0.0.2 hostname=crane\n10.0.0.7 hostname=crane\n")
	query := []byte(dnsHeadBytes(9, 0, 1, 0, 0, 0) + dnsQuestion("wpad", 1, 1))
	wantText(t, "facts of a query", facts(deliver(&llmnrProtocol, fromClient(query))), "")
	wantProbe(t, &llmnrProtocol, "answer", []byte(llmnrAnswer()), Good, ServerSide)
	wantProbe(t, &llmnrProtocol, "query", query, Good, ClientSide)
	wantProbe(t, &llmnrProtocol, "DNS query", []byte(dnsQuery()), Weak, ClientSide)
	wantProbe(t, &llmnrProtocol, "DNS answer", []byte(dnsAnswers()), No, AnySide)
	wantProbe(t, &llmnrProtocol, "two questions", []byte(dnsHeadBytes(9, 0, 2, 0, 0, 0)+dnsQuestion("a", 1, 1)+dnsQuestion("b", 1, 1)), No, AnySide)
}

func FuzzLLMNR(f *testing.F) { fuzzProtocol(f, &llmnrProtocol, []byte(llmnrAnswer())) }
