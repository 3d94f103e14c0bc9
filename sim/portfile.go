// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"os"

	"github.com/goccy/go-yaml"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// writePort writes the port file and returns how many assets it declares.
func (w *world) writePort(path string) (int, error) {
	p := &w.port
	p.Name, p.Marking, p.Currency = "Port of Skerry", "TLP:AMBER", "EUR"
	w.declareOrganisation()
	for _, z := range w.zones {
		p.Zones = append(p.Zones, w.declareZone(z))
	}
	w.declareConduits()
	w.declareAssets()
	p.Engineering = w.approvals
	b, err := yaml.MarshalWithOptions(p, yaml.OmitZero(), yaml.IndentSequence(true))
	if err != nil {
		return 0, err
	}
	head := "# The reference port Skerry. Everything in it is fictional.\n"
	return len(p.Assets), os.WriteFile(path, append([]byte(head), b...), 0o644)
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

// declareAssets declares routers with all their interfaces, the hosts of zones that no spreadsheet holds, and what does
// not speak.
func (w *world) declareAssets() {
	for _, r := range w.routers {
		a := w.declare(&r.host)
		a.Zone, a.Site = "network", r.faces[0].sub.zone.site
		for _, f := range r.faces {
			a.IPs = append(a.IPs, f.ip.String())
		}
		w.port.Assets = append(w.port.Assets, a)
	}
	for _, h := range w.hosts {
		switch {
		case h == nil || h.hidden:
		case h.kind == harbour.KindRouter:
			a := w.declare(h)
			a.Zone, a.IPs = "network", []string{h.ip.String()}
			w.port.Assets = append(w.port.Assets, a)
		case h.sub.zone.list == "port.yaml" || h.silent:
			a := w.declare(h)
			a.Site, a.VLAN, a.IPs = h.sub.zone.site, int(h.sub.vlan), []string{h.address()}
			w.port.Assets = append(w.port.Assets, a)
		}
	}
}

func (w *world) declare(h *host) harbour.DeclaredAsset {
	a := harbour.DeclaredAsset{
		Name: h.name, Tag: h.tag, Kind: h.kind, Role: h.role, Location: h.place, Vendor: cmp.Or(h.rowVendor, h.p.vendor), Model: cmp.Or(h.rowModel, h.p.model),
		Firmware: h.p.firmware, Serial: cmp.Or(h.rowSerial, h.serial), MACs: []string{h.row()}, Supplier: h.p.supplier, Module: h.module,
		Criticality: h.crit, Silent: h.silent,
	}
	if h.service != "" {
		a.Services = []string{h.service}
	}
	return a
}
