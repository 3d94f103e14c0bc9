// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "breakwater/sim/frame"

// conn is a TCP connection as its packets are sent.
type conn struct {
	w            *world
	r            *rng
	c, s         *host
	cport, sport uint16
	cseq, sseq   uint32
	now          int64
	clean        bool // no retransmission, no reordering
}

// mss is the greatest payload of a segment.
const mss = 1460

// dial prepares a connection; open starts it, or it is picked up in mid-stream.
func (w *world) dial(at int64, r *rng, c, s *host, port uint16) *conn {
	k := &conn{w: w, r: r, c: c, s: s, sport: port, now: w.resolve(at, c, s)}
	k.cport = 49152 + uint16(c.num*37)&0x1fff + c.port
	c.port = (c.port + 1) & 0x1fff
	k.cseq, k.sseq = uint32(r.next()), uint32(r.next())
	return k
}

func (k *conn) segment(fromClient bool, flags uint8, data []byte) []byte {
	h := frame.TCP{Sport: k.cport, Dport: k.sport, Seq: k.cseq, Ack: k.sseq, Flags: flags, Window: 64240}
	src, dst := k.c.ip, k.s.ip
	if !fromClient {
		h = frame.TCP{Sport: k.sport, Dport: k.cport, Seq: k.sseq, Ack: k.cseq, Flags: flags, Window: 8192}
		src, dst = dst, src
	}
	if flags&frame.ACK == 0 {
		h.Ack = 0
	}
	return frame.Segment(src, dst, h, data)
}

// emit sends one segment and advances the sequence number and the clock.
func (k *conn) emit(fromClient bool, flags uint8, data []byte) {
	b := k.segment(fromClient, flags, data)
	k.put(k.now, fromClient, b)
	n := uint32(len(data))
	if flags&(frame.SYN|frame.FIN) != 0 {
		n++
	}
	if fromClient {
		k.cseq += n
	} else {
		k.sseq += n
	}
	k.now += k.r.span(600*microsecond, 2500*microsecond)
	if !k.clean && len(data) > 0 && k.r.n(400) == 0 { // lost behind the mirror: sent again
		k.now += 200 * millisecond
		k.put(k.now, fromClient, b)
		k.now += 2 * millisecond
	}
}

func (k *conn) put(at int64, fromClient bool, b []byte) {
	if fromClient {
		k.w.packet(at, k.c, k.s, frame.ProtoTCP, b)
	} else {
		k.w.packet(at, k.s, k.c, frame.ProtoTCP, b)
	}
}

func (k *conn) open() {
	k.emit(true, frame.SYN, nil)
	k.emit(false, frame.SYN|frame.ACK, nil)
	k.emit(true, frame.ACK, nil)
}

// send sends a message in as many segments as it takes, with an acknowledgement for every second one.
func (k *conn) send(fromClient bool, msg []byte) {
	for n := 1; len(msg) > mss; n++ {
		if !k.clean && len(msg) > 2*mss && k.r.n(25) == 0 { // two segments overtake one another
			first, at := k.now, k.now
			a := k.segment(fromClient, frame.ACK, msg[:mss])
			k.skip(fromClient, mss)
			b := k.segment(fromClient, frame.ACK, msg[mss:2*mss])
			k.skip(fromClient, mss)
			k.put(at, fromClient, b)
			k.put(first+600*microsecond, fromClient, a)
			k.now = first + 1500*microsecond
			msg = msg[2*mss:]
			continue
		}
		k.emit(fromClient, frame.ACK, msg[:mss])
		msg = msg[mss:]
		if n%2 == 0 {
			k.emit(!fromClient, frame.ACK, nil)
		}
	}
	k.emit(fromClient, frame.ACK|frame.PSH, msg)
}

func (k *conn) skip(fromClient bool, n uint32) {
	if fromClient {
		k.cseq += n
	} else {
		k.sseq += n
	}
}

func (k *conn) ask(msg []byte)    { k.send(true, msg) }
func (k *conn) answer(msg []byte) { k.send(false, msg) }

// ack lets the client acknowledge what it has got.
func (k *conn) ack() { k.emit(true, frame.ACK, nil) }

func (k *conn) close() {
	k.emit(true, frame.FIN|frame.ACK, nil)
	k.emit(false, frame.FIN|frame.ACK, nil)
	k.emit(true, frame.ACK, nil)
}
