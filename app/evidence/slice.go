// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"breakwater/app"
	kinds "breakwater/evidence"
	"breakwater/evidence/packet/capture"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// Bounds of a slice.
const (
	MaxSlice    = 64 << 20
	MaxSearched = 4 << 30
)

// Cut says which frames of a capture a slice holds: those from one number to another, and of them only those of one
// conversation where one is named.
type Cut struct {
	From, To uint64 // numbers of frames, both inclusive; To 0 for as far as the bounds reach
	// Addresses of the two sides of a conversation, as lists give them: IP addresses or MACs; "" for any.
	A, B string
	// Port of the server, and transport (tcp, udp); 0 and "" for any.
	Port      int
	Transport string
	// Until ends the search at the first frame that is later by more than a minute; 0 for none.
	Until harbour.Instant
}

// Sliced says what a slice holds.
type Sliced struct {
	Frames int
	Bytes  int64
	// Other counts frames that fit and have another link type than the first: a pcap file has one.
	Other int
	// Full is set where a bound ended the slice before the search was over.
	Full bool
}

// Slice writes a part of a capture to w as a pcap file with nanoseconds. That it does is in the chain of custody and in
// the audit log first.
//
// Errors: those of [app.Actor.Scope]; ErrNotFound; ErrInvalid for an evidence that is no capture or a cut that makes no
// sense; ErrConflict where the bytes were deleted; ErrTooLarge, ErrCancelled; an error of w as it is.
func (u *Evidence) Slice(ctx context.Context, by *app.Actor, org, id string, c Cut, w io.Writer) (s Sliced, err error) {
	fits, err := c.filter()
	if err != nil {
		return s, err
	}
	row, whole, err := u.handOut(ctx, by, org, id, "a slice: "+c.words(), harbour.EvidencePacket)
	if err != nil {
		return s, err
	}
	whole.Close()
	v, err := u.openCapture(ctx, &row, max(c.From, 1))
	if err != nil {
		return s, err
	}
	defer v.close()
	out := bufio.NewWriterSize(w, 64<<10)
	var f capture.Frame
	var detail capture.Detail
	v.r.Details(&detail)
	var link decode.LinkType
	searched := int64(0)
	for {
		err := v.next(ctx, &f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, err
		}
		if searched += int64(len(f.Data)); searched > MaxSearched {
			s.Full = true
			break
		}
		if c.To != 0 && f.Number > c.To || c.Until != 0 && f.At > c.Until+60_000_000 {
			break
		}
		if f.Number < c.From || !fits(&f) {
			continue
		}
		if s.Bytes+int64(len(f.Data))+16 > MaxSlice {
			s.Full = true
			break
		}
		if s.Frames == 0 {
			link = f.Link
			if _, err := out.Write(pcapHeader(link)); err != nil {
				return s, err
			}
		}
		if f.Link != link {
			s.Other++
			continue
		}
		if err := writeFrame(out, &f, &detail); err != nil {
			return s, err
		}
		s.Frames++
		s.Bytes += int64(len(f.Data)) + 16
	}
	if s.Frames == 0 {
		if _, err := out.Write(pcapHeader(decode.LinkEthernet)); err != nil {
			return s, err
		}
	}
	return s, out.Flush()
}

func pcapHeader(link decode.LinkType) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint32(b, capture.MaxFrame)
	return binary.LittleEndian.AppendUint32(b, uint32(link))
}

func writeFrame(w io.Writer, f *capture.Frame, d *capture.Detail) error {
	var h [16]byte
	sec, nanos := uint32(0), uint32(0)
	if d.Timed {
		sec, nanos = uint32(d.Sec), uint32(d.Nanos())
	}
	binary.LittleEndian.PutUint32(h[:], sec)
	binary.LittleEndian.PutUint32(h[4:], nanos)
	binary.LittleEndian.PutUint32(h[8:], uint32(len(f.Data)))
	binary.LittleEndian.PutUint32(h[12:], f.OrigLen)
	if _, err := w.Write(h[:]); err != nil {
		return err
	}
	_, err := w.Write(f.Data)
	return err
}

// words tells a cut for the chain of custody.
func (c *Cut) words() string {
	s := fmt.Sprintf("frames from %d", max(c.From, 1))
	if c.To != 0 {
		s += fmt.Sprintf(" to %d", c.To)
	}
	if c.A != "" || c.B != "" {
		s += fmt.Sprintf(" between %s and %s", c.A, c.B)
	}
	if c.Port != 0 {
		s += fmt.Sprintf(", port %d", c.Port)
	}
	return s
}

// filter checks a cut and says which frames fit it. What a tunnel carries counts too.
func (c *Cut) filter() (func(*capture.Frame) bool, error) {
	bad := func(message string) error {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "slice capture", Message: message, Hint: "give frame numbers from 1, addresses as the list of conversations gives them, and a port up to 65535"}
	}
	if c.To != 0 && c.To < c.From || c.Port < 0 || c.Port > 65535 {
		return nil, bad("the part makes no sense")
	}
	transport := map[string]uint8{"": 0, "tcp": decode.ProtoTCP, "udp": decode.ProtoUDP, "icmp": decode.ProtoICMP, "icmpv6": decode.ProtoICMPv6}
	proto, ok := transport[c.Transport]
	if !ok && c.Transport != "ethernet" && c.Transport != "ip" {
		return nil, bad("there is no transport " + c.Transport)
	}
	var sides [2]side
	for i, s := range []string{c.A, c.B} {
		if s == "" {
			continue
		}
		if a, err := netip.ParseAddr(s); err == nil {
			sides[i] = side{ip: kinds.FromAddr(a.Unmap().WithZone("")), isIP: true, set: true}
		} else if m, ok := kinds.ParseMAC(s); ok {
			sides[i] = side{mac: m, set: true}
		} else {
			return nil, bad(s + " is no address")
		}
	}
	d := decode.New(1 << 20)
	var p decode.Packet
	return func(f *capture.Frame) bool {
		if !sides[0].set && !sides[1].set && c.Port == 0 && proto == 0 {
			return true
		}
		link, data := f.Link, f.Data
		for range 5 {
			d.Decode(&p, link, data, int64(f.At))
			if (proto == 0 || p.Transport == proto) && (c.Port == 0 || int(p.SrcPort) == c.Port || int(p.DstPort) == c.Port) &&
				(sides[0].is(&p, true) && sides[1].is(&p, false) || sides[0].is(&p, false) && sides[1].is(&p, true)) {
				return true
			}
			if p.Inner == nil {
				return false
			}
			data, link = p.Inner, p.InnerLink
		}
		return false
	}, nil
}

// side is one end of a conversation.
type side struct {
	set, isIP bool
	ip        kinds.IP
	mac       kinds.MAC
}

func (s *side) is(p *decode.Packet, source bool) bool {
	switch {
	case !s.set:
		return true
	case s.isIP && source:
		return p.IPVersion != 0 && p.Src == s.ip
	case s.isIP:
		return p.IPVersion != 0 && p.Dst == s.ip
	case source:
		return p.HasMAC && p.SrcMAC == s.mac
	}
	return p.HasMAC && p.DstMAC == s.mac
}
