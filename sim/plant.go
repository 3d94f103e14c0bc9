// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

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
