// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// planContainerTerminal plans cranes, gate, reefers and control room.
func (w *world) planContainerTerminal() {
	w.scada = w.series(w.count(2), "ct-ops", "ct-scada-", harbour.KindSCADA, &virtualServer, "crane and reefer SCADA")
	w.tos = w.series(w.count(2), "ct-ops", "ct-tos-", harbour.KindServer, &linuxServer, "terminal operating system")
	for i, h := range w.scada {
		h.crit = "critical"
		w.session(int64(i+6)*minute, h, pick(w.tos, i), tls, w.tlsTalk(frame.TLS12, 8))
	}
	for i, h := range w.series(w.count(10), "ct-ops", "ct-op-", harbour.KindWorkstation, &dellDesk, "operator place") {
		w.session(int64(i%90+5)*minute, h, pick(w.tos, i), tls, w.tlsTalk(frame.TLS12, 6))
		w.lookUp(int64(i%90+4)*minute, h, pick(w.dns, i), fqdn(pick(w.tos, i)), pick(w.tos, i).ip)
	}
	w.switchAt(w.room("ct-ops", 1), "sw-ct-ops", &ciscoSwitch)
	w.planEngineering()
	w.planStackingCranes()
	w.planQuayCranes()
	w.planGate()
	w.planReefers()
	w.office("ct-office", "ct-ws", w.count(110), []string{"HP", "Dell", "Dell"})
}

// planEngineering plans the crane engineers' computers. The laptop has no approval and, as planned here, does nothing
// that needs one.
func (w *world) planEngineering() {
	w.engineers = w.series(2, "ct-engineering", "ct-eng-", harbour.KindEngineering, &hpDesk, "crane engineering station")
	w.laptop = w.one("ct-engineering", "ct-laptop-07", harbour.KindWorkstation, &dellLaptop, "service laptop")
	w.approve("Maintenance contract of the stacking cranes, change 2026-0312.", []string{"ct-asc", "ct-quay"}, w.engineers...)
	for i, h := range append(w.engineers, w.laptop) {
		w.session(int64(9+i)*minute, h, w.intranet[0], tls, w.tlsTalk(frame.TLS12, 4))
	}
}

// planStackingCranes plans the automated stacking cranes: each with controllers, a panel, drives and a switch in the
// control VLAN, and cameras in a VLAN of their own.
func (w *world) planStackingCranes() {
	w.craneRecorders = w.series(w.count(1), "ct-crane-video", "ct-nvr-", harbour.KindRecorder, &recorder, "crane video recorder")
	for i := range w.count(20) {
		s := w.room("ct-asc", 8)
		name := fmt.Sprintf("asc%02d", i+1)
		plc := w.add(s, name+"-plc", harbour.KindCraneController, &craneController, "stacking crane controller")
		safe := w.add(s, name+"-safety", harbour.KindSafetyController, &safetyCPU, "stacking crane safety controller")
		hmi := w.add(s, name+"-hmi", harbour.KindHMI, &panel, "stacking crane panel")
		plc.crit, safe.crit = "high", "critical"
		w.cranes = append(w.cranes, crane{plc, safe, hmi})
		w.poll(hmi, plc, s7, w.cycles(60), dialogue{greet: s7Greet, cycle: s7Operate})
		w.poll(hmi, safe, s7, w.cycles(20), dialogue{cycle: s7Read(2, 16), midstream: true})
		w.poll(pick(w.scada, i), plc, s7, w.cycles(20), dialogue{greet: s7Greet, cycle: s7Read(100, 24)})
		for d, part := range []string{"hoist", "trolley", "gantry left", "gantry right"} {
			dr := w.add(s, fmt.Sprintf("%s-drive%d", name, d+1), harbour.KindDrive, &drive, part+" drive")
			w.poll(plc, dr, modbus, w.cycles(12), dialogue{greet: modbusGreet, cycle: modbusCommand})
		}
		sw := w.switchAt(s, "sw-"+name, &otSwitch)
		w.switches = append(w.switches, sw)
		for c := range 3 {
			cam := w.one("ct-crane-video", fmt.Sprintf("%s-cam%d", name, c+1), harbour.KindCamera, &craneCamera, "crane camera")
			w.poll(pick(w.craneRecorders, i), cam, web, w.cycles(4), dialogue{cycle: w.picture(80)})
			if c == 0 { // shows load and height in the picture
				w.poll(cam, plc, modbus, w.cycles(6), dialogue{cycle: modbusRead(4, 0, 6)})
				if i == 0 {
					w.decoy("camera-to-crane", "A crane camera reads the crane's load through a conduit that permits it.", cam, plc)
				}
			}
		}
	}
	plc := w.cranes[len(w.cranes)/2].plc
	w.session(47*minute, w.engineers[0], plc, s7, s7Engineer)
	w.decoy("engineering-laptop", "An approved engineering station loads a program.", w.engineers[0], plc)
	w.decoy("engineering-laptop", "A panel writes set points, which is its work and no engineering.", w.cranes[0].hmi, w.cranes[0].plc)
}

// crane is a stacking crane's control.
type crane struct{ plc, safe, hmi *host }

// planQuayCranes plans the ship-to-shore cranes.
func (w *world) planQuayCranes() {
	for i := range w.count(8) {
		s := w.room("ct-quay", 10)
		name := fmt.Sprintf("sts%02d", i+1)
		plc := w.add(s, name+"-plc", harbour.KindCraneController, &quayController, "quay crane controller")
		hmi := w.add(s, name+"-hmi", harbour.KindHMI, &quayPanel, "quay crane panel")
		plc.crit = "high"
		w.poll(hmi, plc, enip, w.cycles(60), dialogue{greet: enipGreet, cycle: enipRead("HoistHeight")})
		w.poll(pick(w.scada, i), plc, enip, w.cycles(20), dialogue{greet: enipGreet, cycle: enipRead("CraneState")})
		devices := []*host{plc}
		for d := range 4 {
			h := w.add(s, fmt.Sprintf("%s-io%d", name, d+1), harbour.KindIOModule, &quayIO, "remote inputs and outputs")
			w.poll(plc, h, enip, w.cycles(8), dialogue{greet: enipGreet, cycle: enipRead("Inputs")})
			devices = append(devices, h)
		}
		for d, part := range []string{"hoist", "boom", "trolley"} {
			h := w.add(s, fmt.Sprintf("%s-drive%d", name, d+1), harbour.KindDrive, &quayDrive, part+" drive")
			w.poll(plc, h, enip, w.cycles(10), dialogue{greet: enipGreet, cycle: enipRead("Speed")})
			devices = append(devices, h)
		}
		if w.o.Scale <= 4 {
			w.identify(int64(i%50+11)*minute, hmi, devices)
		}
		w.switchAt(s, "sw-"+name, &otSwitch)
		for c := range 3 {
			cam := w.one("ct-crane-video", fmt.Sprintf("%s-cam%d", name, c+1), harbour.KindCamera, &craneCamera, "crane camera")
			w.poll(pick(w.craneRecorders, i), cam, web, w.cycles(4), dialogue{cycle: w.picture(80)})
		}
	}
}

// planGate plans the truck gate: cameras that read plates and container numbers, kiosks and barriers.
func (w *world) planGate() {
	servers := w.series(w.count(1), "ct-gate", "ct-gate-server-", harbour.KindServer, &virtualServer, "gate control")
	for _, h := range servers {
		w.session(7*minute, h, w.tos[0], tls, w.tlsTalk(frame.TLS12, 8))
	}
	for i := range w.count(12) {
		name, gs := fmt.Sprintf("lane%02d", i+1), pick(servers, i)
		for c := range 3 {
			cam := w.one("ct-gate", fmt.Sprintf("%s-ocr%d", name, c+1), harbour.KindCamera, &gateCamera, "gate OCR camera")
			w.poll(gs, cam, web, w.cycles(10), dialogue{cycle: w.picture(120)})
			w.gateCameras = append(w.gateCameras, cam)
		}
		k := w.one("ct-gate", name+"-kiosk", harbour.KindWorkstation, &kiosk, "driver kiosk")
		w.kiosks = append(w.kiosks, k)
		w.session(int64(i%100+5)*minute, k, gs, tls, w.tlsTalk(frame.TLS12, w.cycles(10)))
		b := w.one("ct-gate", name+"-barrier", harbour.KindPLC, &barrier, "barrier controller")
		w.poll(gs, b, modbus, w.cycles(25), dialogue{greet: modbusGreet, cycle: modbusCommand})
		if i%6 == 0 {
			w.switchAt(w.room("ct-gate", 1), fmt.Sprintf("sw-gate-%02d", i/6+1), &otSwitch)
		}
	}
	cam, rec := w.gateCameras[0], w.craneRecorders[0]
	w.session(21*minute, cam, rec, tls, w.tlsTalk(frame.TLS12, 5))
	w.decoy("camera-to-crane", "A gate camera sends pictures to a recorder.", cam, rec)
}

// planReefers plans the gateways that read refrigerated containers.
func (w *world) planReefers() {
	for i := range w.count(60) {
		g := w.one("ct-reefer", fmt.Sprintf("reefer-gw-%02d", i+1), harbour.KindGateway, &reeferGateway, "reefer rack gateway")
		w.reefers = append(w.reefers, g)
		w.poll(pick(w.scada, i), g, modbus, w.cycles(8), dialogue{greet: modbusGreet, cycle: modbusRead(3, 0, 12)})
		if i%30 == 0 {
			w.switchAt(w.room("ct-reefer", 1), fmt.Sprintf("sw-reefer-%02d", i/30+1), &otSwitch)
		}
	}
}
