// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// PlantKind is one kind of thing that can be planted.
type PlantKind struct {
	Name  string // as given in [Options]
	Title string // for people
	Rule  string // of the finding that reports it
}

// PlantKinds lists all of them, in the order in which they are planted.
var PlantKinds = []PlantKind{
	{"cellular-modem", "Undeclared cellular router by a crane", "undeclared-modem"},
	{"swapped-switch", "Switch exchanged without a change", "identity-changed"},
	{"camera-to-crane", "Gate camera that reaches a crane controller", "ot-reached-from-outside"},
	{"office-to-plc", "Office computer that reads a controller", "ot-reached-from-outside"},
	{"engineering-laptop", "Laptop that loads a program without approval", "unapproved-engineering"},
	{"default-credentials", "Vendor's default login that is accepted", "default-credentials"},
	{"cleartext-credentials", "Login readable on the network", "cleartext-credentials"},
	{"address-conflict", "Address that two devices claim", "address-conflict"},
	{"ghost", "Declared asset that is not there", "declared-never-seen"},
	{"rogue-host", "Undeclared computer in a control network", "undeclared-asset"},
	{"obsolete-tls", "Server that agrees to TLS 1.0", "obsolete-tls"},
	{"obsolete-ssh", "Server that speaks SSH 1.5", "obsolete-ssh"},
	{"obsolete-smb", "Server that agrees to SMB 1", "obsolete-smb"},
}

// kindNamed finds a kind, or nil.
func kindNamed(name string) *PlantKind {
	for i := range PlantKinds {
		if PlantKinds[i].Name == name {
			return &PlantKinds[i]
		}
	}
	return nil
}

// plant puts what is wrong into the finished plan.
func (w *world) plant() {
	if w.o.Plant != nil && len(w.o.Plant) == 0 {
		return
	}
	for i, k := range PlantKinds {
		if w.o.Plant == nil || slices.Contains(w.o.Plant, k.Name) {
			p := planter{w: w, kind: k, r: newRNG(w.o.Seed, uint64(i), 0x91a27)}
			p.turn = p.r.n(2)
			for range 1 + p.r.n(2) + int(min(3, w.o.Scale/10)) {
				planters[k.Name](&p)
			}
		}
	}
}

// planter plants one kind.
type planter struct {
	w    *world
	kind PlantKind
	r    *rng
	n    int // planted so far
	turn int // which of two variants comes first
}

// other says whether it is the turn of the second variant of a kind.
func (p *planter) other() bool { return (p.n+p.turn)%2 == 1 }

// note adds what was planted to the list.
func (p *planter) note(why string, subjects []string) {
	p.n++
	p.w.planted = append(p.w.planted, Planted{p.kind.Name, p.kind.Rule, subjects, why})
}

// take draws a host on which nothing is planted yet; nil if there is none left.
func (p *planter) take(list []*host) *host {
	for i, at := 0, p.r.n(len(list)); i < len(list); i++ {
		if h := list[(at+i)%len(list)]; !h.taken {
			h.taken = true
			return h
		}
	}
	return nil
}

// when draws an instant in the middle of the captures.
func (p *planter) when() int64 { return p.r.span(18*minute, 95*minute) }

var planters = map[string]func(p *planter){
	"cellular-modem":        plantModem,
	"swapped-switch":        plantSwitch,
	"camera-to-crane":       plantCamera,
	"office-to-plc":         plantOffice,
	"engineering-laptop":    plantLaptop,
	"default-credentials":   plantDefault,
	"cleartext-credentials": plantCleartext,
	"address-conflict":      plantConflict,
	"ghost":                 plantGhost,
	"rogue-host":            plantRogue,
	"obsolete-tls":          plantTLS,
	"obsolete-ssh":          plantSSH,
	"obsolete-smb":          plantSMB,
}
