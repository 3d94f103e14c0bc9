// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"os"

	"github.com/goccy/go-yaml"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// writePort writes the port file.
func (w *world) writePort(path string) error {
	p := &w.port
	p.Name, p.Marking, p.Currency = "Port of Skerry", "TLP:AMBER", "EUR"
	for _, z := range w.zones {
		p.Zones = append(p.Zones, w.declareZone(z))
	}
	w.declareConduits()
	b, err := yaml.MarshalWithOptions(p, yaml.OmitZero(), yaml.IndentSequence(true))
	if err != nil {
		return err
	}
	head := "# The reference port Skerry. Everything in it is fictional.\n"
	return os.WriteFile(path, append([]byte(head), b...), 0o644)
}

func (w *world) declareZone(z *zone) harbour.DeclaredZone {
	d := harbour.DeclaredZone{ID: z.id, Name: z.name, Site: z.site, Kind: z.kind, Level: z.level, TargetLevel: z.slt}
	switch {
	case z.second != 0:
		d.Prefixes = []string{frame.Addr{10, z.second, 0, 0}.String() + "/16"}
		for _, s := range z.subnets {
			d.VLANs = append(d.VLANs, int(s.vlan))
		}
	case z.id == "internet":
		d.Prefixes = []string{"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"}
	default:
		for _, r := range w.routers {
			d.Assets = append(d.Assets, r.name)
		}
	}
	return d
}
