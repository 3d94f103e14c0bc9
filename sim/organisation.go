// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "breakwater/harbour"

// places lists the locations with their sites.
var places = []harbour.Location{
	{ID: "yard", Name: "Container yard", Site: "ct", Restricted: true},
	{ID: "quay", Name: "Container quay", Site: "ct", Restricted: true},
	{ID: "gate", Name: "Truck gate", Site: "ct", Restricted: true},
	{ID: "reefer-racks", Name: "Reefer racks", Site: "ct", Restricted: true},
	{ID: "ct-control-room", Name: "Terminal control room", Site: "ct", Restricted: true},
	{ID: "ct-building", Name: "Terminal building", Site: "ct"},
	{ID: "tank-farm", Name: "Tank farm", Site: "tank", Restricted: true},
	{ID: "tank-control-room", Name: "Tank farm control room", Site: "tank", Restricted: true},
	{ID: "ramps", Name: "Ro-ro ramps", Site: "roro", Restricted: true},
	{ID: "vts-centre", Name: "Vessel traffic centre", Site: "vts", Restricted: true},
	{ID: "quay-power", Name: "Shore power substation", Site: "power", Restricted: true},
	{ID: "hq-building", Name: "Port authority building", Site: "hq"},
	{ID: "data-centre", Name: "Data centre", Site: "hq", Restricted: true},
}

// placeName is a location as signposted.
func placeName(id string) string {
	for _, p := range places {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}

func (w *world) declareOrganisation() {
	p := &w.port
	p.Organisations = []harbour.Organisation{
		{ID: "authority", Name: "Skerry Port Authority", Kind: "port_authority"},
		{ID: "container", Name: "Skerry Container Terminals", Kind: "terminal"},
		{ID: "tanks", Name: "Skerry Tank Storage", Kind: "terminal"},
	}
	for _, s := range []harbour.Site{
		{ID: "ct", Name: "Container terminal", Organisation: "container", Latitude: 54.0214, Longitude: 8.0741},
		{ID: "tank", Name: "Tank terminal", Organisation: "tanks", Latitude: 54.0167, Longitude: 8.0912},
		{ID: "roro", Name: "Ro-ro terminal", Organisation: "authority", Latitude: 54.0195, Longitude: 8.0658},
		{ID: "vts", Name: "Vessel traffic service", Organisation: "authority", Latitude: 54.0251, Longitude: 8.0583},
		{ID: "power", Name: "Shore power", Organisation: "authority", Latitude: 54.0208, Longitude: 8.0702},
		{ID: "hq", Name: "Port authority", Organisation: "authority", Latitude: 54.0183, Longitude: 8.0624},
	} {
		s.Jurisdiction, s.TimeZone = "DE", "Europe/Berlin"
		p.Sites = append(p.Sites, s)
	}
	p.Locations = places
	p.Services = []harbour.Service{
		{ID: "quay", Name: "Loading and discharging ships", Site: "ct", Throughput: 120, Unit: "containers", Value: 140, DependsOn: []string{"yard", "power", "vts"}, Fallback: "Mobile harbour cranes from the ro-ro quay.", FallbackShare: 0.2},
		{ID: "yard", Name: "Storing containers", Site: "ct", Throughput: 260, Unit: "containers", Value: 45, Fallback: "Reach stackers with paper lists.", FallbackShare: 0.15},
		{ID: "gate", Name: "Truck gate", Site: "ct", Throughput: 180, Unit: "trucks", Value: 60, DependsOn: []string{"yard"}, Fallback: "Clerks at two lanes.", FallbackShare: 0.3},
		{ID: "reefer", Name: "Cooling containers", Site: "ct", Throughput: 900, Unit: "containers", Value: 4, Fallback: "Rounds with hand-held meters every four hours.", FallbackShare: 0.6},
		{ID: "tank", Name: "Storing and loading liquids", Site: "tank", Throughput: 1400, Unit: "tonnes", Value: 12, DependsOn: []string{"vts"}},
		{ID: "roro", Name: "Ro-ro traffic", Site: "roro", Throughput: 90, Unit: "vehicles", Value: 85, DependsOn: []string{"vts"}, Fallback: "Ramps moved by hand pump.", FallbackShare: 0.25},
		{ID: "vts", Name: "Vessel traffic service", Site: "vts", Throughput: 6, Unit: "vessels", Value: 9000, Fallback: "Pilots and VHF radio.", FallbackShare: 0.5},
		{ID: "power", Name: "Shore power", Site: "power", Throughput: 9, Unit: "MWh", Value: 210, Fallback: "Ships run their own generators.", FallbackShare: 1},
	}
	p.Suppliers = []harbour.Supplier{
		{ID: "hebe", Name: "Hebewerk Automation", Contact: "security@hebewerk.example", Certificates: []string{"IEC 62443-2-4"}},
		{ID: "quayline", Name: "Quayline Cranes", Contact: "psirt@quayline.example", Certificates: []string{"ISO/IEC 27001"}},
		{ID: "torlane", Name: "Torlane Gate Systems", Contact: "support@torlane.example"},
		{ID: "nordkant", Name: "Nordkant Process Engineering", Contact: "security@nordkant.example", Certificates: []string{"IEC 62443-2-4", "ISO/IEC 27001"}},
		{ID: "wachtel", Name: "Wachtel Building and IT Services", Contact: "cert@wachtel.example", Certificates: []string{"ISO/IEC 27001"}},
	}
	split := map[string]string{"patching": "supplier", "backup": "port", "monitoring": "port", "remote_access": "port"}
	for _, m := range []harbour.Module{
		{ID: "stacking-cranes", Name: "Automated stacking cranes", Supplier: "hebe", Services: []string{"yard"}},
		{ID: "yard-control", Name: "Yard control", Supplier: "hebe", Services: []string{"yard", "quay"}},
		{ID: "quay-cranes", Name: "Quay cranes", Supplier: "quayline", Services: []string{"quay"}},
		{ID: "gate-lanes", Name: "Gate lanes", Supplier: "torlane", Services: []string{"gate"}},
		{ID: "reefer-monitoring", Name: "Reefer monitoring", Supplier: "nordkant", Services: []string{"reefer"}},
		{ID: "tank-automation", Name: "Tank farm automation", Supplier: "nordkant", Services: []string{"tank"}},
		{ID: "ramps", Name: "Ro-ro ramps", Supplier: "nordkant", Services: []string{"roro"}},
		{ID: "vts-sensors", Name: "Vessel traffic sensors", Supplier: "nordkant", Services: []string{"vts"}},
		{ID: "shore-power", Name: "Shore power", Supplier: "nordkant", Services: []string{"power"}},
		{ID: "physical-security", Name: "Doors and cameras", Supplier: "wachtel"},
		{ID: "offices", Name: "Office systems", Supplier: "wachtel"},
	} {
		m.Responsible = split
		p.Modules = append(p.Modules, m)
	}
	p.People = []harbour.Person{
		{ID: "brandt", Name: "Ines Brandt", Organisation: "authority", Roles: []string{"chief-security-officer"}, Phone: "+49 0000 100", Email: "brandt@" + domain},
		{ID: "okoro", Name: "Daniel Okoro", Organisation: "authority", Roles: []string{"cyber-security-officer"}, Phone: "+49 0000 101", Email: "okoro@" + domain},
		{ID: "lindqvist", Name: "Sara Lindqvist", Organisation: "container", Roles: []string{"pfso", "cyso"}, Phone: "+49 0000 102", Email: "lindqvist@" + domain},
		{ID: "marek", Name: "Tomas Marek", Organisation: "container", Roles: []string{"ot-engineer"}, Email: "marek@" + domain},
		{ID: "haas", Name: "Lena Haas", Organisation: "tanks", Roles: []string{"pfso", "ot-engineer"}, Email: "haas@" + domain},
	}
}

// approve permits engineering by hosts on the controllers of zones.
func (w *world) approve(reason string, zones []string, hosts ...*host) {
	a := harbour.EngineeringApproval{Servers: zones, Reason: reason}
	for _, h := range hosts {
		a.Clients = append(a.Clients, h.name)
	}
	w.approvals = append(w.approvals, a)
}
