// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"container/heap"
	"context"
	"time"

	"breakwater/sim/frame"
)

// start is the instant at which all captures begin, and length how long they run.
var start = time.Date(2026, 11, 16, 5, 0, 0, 0, time.UTC)

// Units of simulated time, in nanoseconds since start.
const (
	microsecond int64 = 1000
	millisecond       = 1000 * microsecond
	second            = 1000 * millisecond
	minute            = 60 * second
	length            = 120 * minute
)

// task is something that happens at an instant and may happen again: run returns the next instant, or a negative number.
type task struct {
	at  int64
	num uint64
	run func(at int64) int64
}

type taskHeap []task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].num < h[j].num
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)   { *h = append(*h, x.(task)) }
func (h *taskHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = task{}
	*h = old[:len(old)-1]
	return x
}

// flying is a frame that has been sent and not yet recorded.
type flying struct {
	at  int64
	num uint64
	to  *mirror
	b   []byte
}

type frameHeap []flying

func (h frameHeap) Len() int { return len(h) }
func (h frameHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].num < h[j].num
}
func (h frameHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *frameHeap) Push(x any)   { *h = append(*h, x.(flying)) }
func (h *frameHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	old[len(old)-1] = flying{}
	*h = old[:len(old)-1]
	return x
}

// at plans a task.
func (w *world) at(at int64, run func(at int64) int64) {
	w.tasks = append(w.tasks, task{at, uint64(len(w.tasks)), run})
}

// play runs all tasks in order of time and records what they send.
func (w *world) play(ctx context.Context, progress func(done, total int64, what string)) error {
	heap.Init(&w.tasks)
	told := int64(-1)
	for len(w.tasks) > 0 {
		t := &w.tasks[0]
		if err := w.record(t.at); err != nil {
			return err
		}
		if s := t.at / (10 * second); s != told {
			if told = s; ctx.Err() != nil {
				return ctx.Err()
			}
			progress(t.at/second, length/second, "captures")
		}
		if next := t.run(t.at); next > t.at {
			t.at = next
			heap.Fix(&w.tasks, 0)
		} else {
			heap.Pop(&w.tasks)
		}
	}
	return w.record(1 << 62)
}

// record writes the frames that were sent before an instant; nothing earlier can follow.
func (w *world) record(before int64) error {
	for len(w.air) > 0 && w.air[0].at < before {
		f := heap.Pop(&w.air).(flying)
		if err := f.to.out.w.Write(start.Add(time.Duration(f.at)), f.b); err != nil {
			return err
		}
		w.packets++
	}
	return nil
}

// wire puts a frame on a VLAN.
func (w *world) wire(at int64, s *subnet, dst, src frame.MAC, etherType uint16, payload []byte) {
	vlan := uint16(0)
	if s.mirror.tagged {
		vlan = s.vlan
	}
	w.fly(at, s.mirror, frame.Ethernet(dst, src, vlan, etherType, payload))
}

func (w *world) fly(at int64, m *mirror, b []byte) {
	w.sent++
	heap.Push(&w.air, flying{at, w.sent, m, b})
}

// hop is how long a router takes.
const hop = 140 * microsecond

// packet sends an IP packet from one host to another, through routers where they stand in different VLANs: each VLAN
// sees its own leg.
func (w *world) packet(at int64, src, dst *host, proto uint8, payload []byte) {
	src.ipID++
	p := frame.IPv4(frame.IP{Src: src.ip, Dst: dst.ip, Proto: proto, TTL: src.ttl, ID: src.ipID}, payload)
	if src.sub != nil && src.sub == dst.sub {
		w.wire(at, src.sub, dst.mac, src.mac, frame.TypeIPv4, p)
		return
	}
	hops := uint8(1)
	if src.sub != nil {
		w.wire(at, src.sub, src.sub.gw.mac, src.mac, frame.TypeIPv4, p)
		if dst.sub != nil && dst.sub.router != src.sub.router {
			hops = 3
		}
	}
	if dst.sub != nil {
		w.wire(at+int64(hops)*hop, dst.sub, dst.mac, dst.sub.forwarder(w, at).mac, frame.TypeIPv4, frame.Forward(p, hops))
	}
}

// group sends a packet to a multicast group or broadcast address of the sender's VLAN.
func (w *world) group(at int64, src *host, to frame.Addr, ttl, proto uint8, payload []byte) {
	mac := frame.GroupMAC(to)
	if !to.Group() {
		mac = frame.Broadcast
	}
	src.ipID++
	w.wire(at, src.sub, mac, src.mac, frame.TypeIPv4, frame.IPv4(frame.IP{Src: src.ip, Dst: to, Proto: proto, TTL: ttl, ID: src.ipID}, payload))
}

// forwarder is whose hardware address routed packets carry in a VLAN.
func (s *subnet) forwarder(w *world, at int64) *host {
	if s == w.redundant {
		return w.vrrp[b2i(at >= w.takeover)]
	}
	return s.gw
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
