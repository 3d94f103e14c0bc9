// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/wire"

// Class 0 and 1 connections carry process data in datagrams of their own: a sequenced address item and a connected data
// item, without encapsulation header. They are recognised only: what the data mean is fixed when the connection is opened.
var cipIOProtocol = Protocol{
	Name: "cip_io", Title: "EtherNet/IP implicit I/O", Short: "CIP I/O", Also: []string{"enip_io", "ethernet/ip_io"}, Over: OverUDP, Ports: []uint16{2222}, First: []byte{2}, OneSided: true,
	Probe: cipIOProbe, Read: func(*Message, []byte) {},
}

// cipIOProbe demands the two items with the lengths that fill the datagram.
func cipIOProbe(b []byte) (Fit, Side) {
	r := wire.Read(b)
	count, kind, size := r.U16LE(), r.U16LE(), r.U16LE()
	id := r.U32LE()
	r.Skip(4)
	data, n := r.U16LE(), int(r.U16LE())
	if !r.OK() || count != 2 || kind != enipItemSequenced || size != 8 || data != enipItemConnected || n != r.Len() || id == 0 {
		return No, AnySide
	}
	return Good, AnySide
}
