// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "breakwater/harbour"

// Transport is what carries a conversation.
type Transport uint8

// The transports. Any other IP protocol number stands as itself plus IPOther.
const (
	TransportEthernet Transport = 0 // Port holds the EtherType, or for LLC the DSAP and SSAP
	TransportICMP     Transport = 1
	TransportTCP      Transport = 6
	TransportUDP      Transport = 17
)

// Conversation is who talked to whom by which protocol.
type Conversation struct {
	Client, Server EndpointID // Server is the group's endpoint where Group is set
	Protocol       Text       // "" where not recognised
	Port           uint16     // server's port; EtherType for TransportEthernet
	Transport      Transport
	Group          bool
	Confirmed      bool
	Unanswered     bool      // no packet came back, though it is not one-to-many
	Packets        [2]uint64 // from client, from server
	Bytes          [2]uint64
	First, Last    harbour.Instant
	Place          Place
}

func (c *Conversation) hash() uint64 {
	return mix(uint64(c.Client)<<32|uint64(c.Server), uint64(c.Port)<<40|uint64(c.Transport)<<32|uint64(c.Protocol))
}

// AddConversation adds c to the row with the same client, server, protocol, transport and port. A full table refuses a
// new row and counts it.
func (l *Ledger) AddConversation(c Conversation) {
	if c.Client == 0 || c.Server == 0 {
		return
	}
	h := c.hash()
	row := l.convIndex.find(h, func(r uint32) bool {
		o := &l.conversations[r]
		return o.Client == c.Client && o.Server == c.Server && o.Port == c.Port && o.Transport == c.Transport && o.Protocol == c.Protocol
	})
	if row < 0 {
		if !l.afford(costConversation) {
			l.Count("conversations_refused", 1)
			return
		}
		l.conversations = append(l.conversations, c)
		l.convIndex.add(h, uint32(len(l.conversations)-1), func(r uint32) uint64 { return l.conversations[r].hash() })
		return
	}
	o := &l.conversations[row]
	for i := range o.Packets {
		o.Packets[i] += c.Packets[i]
		o.Bytes[i] += c.Bytes[i]
	}
	o.Confirmed = o.Confirmed || c.Confirmed
	o.Unanswered = o.Unanswered && c.Unanswered
	harbour.Widen(&o.First, &o.Last, c.First)
	harbour.Widen(&o.First, &o.Last, c.Last)
	if c.Place != 0 && (o.Place == 0 || c.Place < o.Place) {
		o.Place = c.Place
	}
}

// Conversations returns all conversations in order of first appearance.
func (l *Ledger) Conversations() []Conversation { return l.conversations }
