// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"breakwater/harbour"
)

// planCranes plans the automated stacking cranes: each with a controller, a safety controller, a panel, drives and a
// switch in the control VLAN, and cameras in a VLAN of their own.
func (w *world) planCranes() {
	ops := w.subnet(w.zone("ct-ops"), 30)
	var scada []*host
	for i := range w.count(2) {
		scada = append(scada, w.add(ops, fmt.Sprintf("ct-scada-%02d", i+1), harbour.KindSCADA, &virtualServer, "yard crane SCADA"))
		ops = w.subnet(w.zone("ct-ops"), 20)
	}
	for i := range w.count(20) {
		s := w.subnet(w.zone("ct-asc"), 8)
		name := fmt.Sprintf("asc%02d", i+1)
		plc := w.add(s, name+"-plc", harbour.KindCraneController, &craneController, "stacking crane controller")
		safe := w.add(s, name+"-safety", harbour.KindSafetyController, &safetyCPU, "stacking crane safety controller")
		hmi := w.add(s, name+"-hmi", harbour.KindHMI, &panel, "stacking crane panel")
		for _, h := range []*host{plc, safe, hmi} {
			h.module, h.service, h.crit, h.place = "asc", "yard", "high", "yard"
		}
		w.poll(hmi, plc, s7, w.cycles(60), dialogue{greet: s7Greet, cycle: s7Operate})
		w.poll(hmi, safe, s7, w.cycles(20), dialogue{cycle: s7Read(2, 16), midstream: true})
		w.poll(scada[i%len(scada)], plc, s7, w.cycles(20), dialogue{greet: s7Greet, cycle: s7Read(100, 24)})
		for d := range 4 {
			dr := w.add(s, fmt.Sprintf("%s-drive%d", name, d+1), harbour.KindDrive, &drive, []string{"hoist", "trolley", "gantry left", "gantry right"}[d]+" drive")
			dr.module, dr.service, dr.place = "asc", "yard", "yard"
			w.poll(plc, dr, modbus, w.cycles(12), dialogue{greet: modbusGreet, cycle: modbusCommand})
		}
	}
}
