// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// planTankTerminal plans the tank farm: controllers and gauges in one VLAN, safety in another, the control room in a
// third, and the historian in the port's DMZ that reads through a conduit.
func (w *world) planTankTerminal() {
	w.tankSCADA = w.series(w.count(2), "tank-ops", "tank-scada-", harbour.KindSCADA, &virtualServer, "tank farm SCADA")
	for i := range w.count(10) {
		s := w.room("tank-control", 5)
		name := fmt.Sprintf("tank%02d", i+1)
		plc := w.add(s, name+"-plc", harbour.KindPLC, &tankController, "tank group controller")
		plc.crit = "high"
		w.tankPLCs = append(w.tankPLCs, plc)
		w.poll(pick(w.tankSCADA, i), plc, modbus, w.cycles(60), dialogue{greet: modbusGreet, cycle: modbusCommand})
		w.poll(w.historian, plc, modbus, w.cycles(10), dialogue{cycle: modbusRead(4, 100, 20)})
		for g := range 3 {
			h := w.add(s, fmt.Sprintf("%s-gauge%d", name, g+1), harbour.KindGateway, &serialServer, "tank gauge gateway")
			w.tankGauges = append(w.tankGauges, h)
			w.poll(plc, h, modbus, w.cycles(16), dialogue{greet: modbusGreet, cycle: modbusRead(4, 0, 8)})
		}
		if i%2 == 0 {
			sis := w.one("tank-safety", name+"-sis", harbour.KindSafetyController, &tankSafety, "overfill protection")
			sis.crit = "critical"
			w.poll(pick(w.tankSCADA, i), sis, modbus, w.cycles(12), dialogue{greet: modbusGreet, cycle: modbusRead(2, 0, 16)})
		}
		if i%5 == 0 {
			h := w.one("tank-ops", fmt.Sprintf("tank-hmi-%02d", i/5+1), harbour.KindHMI, &panel, "control room panel")
			w.session(int64(i%90+4)*minute, h, pick(w.tankSCADA, i), tls, w.tlsTalk(frame.TLS12, 6))
			w.switchAt(s, fmt.Sprintf("sw-tank-%02d", i/5+1), &otSwitch)
		}
	}
	w.decoy("office-to-plc", "The historian in the DMZ reads controllers through a conduit.", w.historian, w.tankPLCs[0])
	g := w.tankGauges[0]
	g.taken = true
	w.session(26*minute, w.tankPLCs[0], g, ftp, ftpFile("anonymous", "guest@"+domain))
	w.decoy("cleartext-credentials", "Anonymous FTP gives no secret away.", g)
}

// planRamps plans the ro-ro terminal.
func (w *world) planRamps() {
	for i := range w.count(6) {
		s := w.room("roro", 6)
		name := fmt.Sprintf("ramp%02d", i+1)
		plc := w.add(s, name+"-plc", harbour.KindPLC, &rampController, "ramp controller")
		hmi := w.add(s, name+"-hmi", harbour.KindHMI, &panel, "ramp panel")
		plc.crit = "high"
		w.ramps, w.rampPanels = append(w.ramps, plc), append(w.rampPanels, hmi)
		w.poll(hmi, plc, s7, w.cycles(60), dialogue{greet: s7Greet, cycle: s7Operate})
		b := w.add(s, name+"-barrier", harbour.KindPLC, &barrier, "barrier controller")
		w.poll(plc, b, modbus, w.cycles(25), dialogue{greet: modbusGreet, cycle: modbusCommand})
		for c := range 2 {
			cam := w.add(s, fmt.Sprintf("%s-cam%d", name, c+1), harbour.KindCamera, &craneCamera, "ramp camera")
			w.poll(hmi, cam, web, w.cycles(4), dialogue{cycle: w.picture(80)})
		}
		w.switchAt(s, "sw-"+name, &otSwitch)
	}
}

// planTraffic plans the vessel traffic service: radars, AIS and GNSS receivers that send sentences over UDP, servers
// and operators, and gateways at buoys.
func (w *world) planTraffic() {
	for i := range w.count(2) {
		w.vtsServers = append(w.vtsServers, w.one("vts", fmt.Sprintf("vts-server-%02d", i+1), harbour.KindServer, &linuxServer, "vessel traffic server"))
	}
	for i := range w.count(6) {
		h := w.one("vts", fmt.Sprintf("ais-%02d", i+1), harbour.KindAISReceiver, &serialServer, "AIS shore station")
		w.sentences(h, pick(w.vtsServers, i), w.cycles(120), aisSentence)
	}
	for i := range w.count(3) {
		h := w.one("vts", fmt.Sprintf("radar-%02d", i+1), harbour.KindRadar, &radar, "harbour radar")
		h.crit = "high"
		w.sentences(h, pick(w.vtsServers, i), w.cycles(150), radarSentence)
	}
	for i := range w.count(2) {
		h := w.one("vts", fmt.Sprintf("gnss-%02d", i+1), harbour.KindGNSSReceiver, &serialServer, "time and position")
		w.sentences(h, pick(w.vtsServers, i), w.cycles(100), gnssSentence)
	}
	w.vtsDesks = w.series(w.count(8), "vts", "vts-desk-", harbour.KindWorkstation, &dellDesk, "traffic operator")
	for i, h := range w.vtsDesks {
		w.session(int64(i%100+3)*minute, h, pick(w.vtsServers, i), tls, w.tlsTalk(frame.TLS12, 10))
	}
	for i := range w.count(2) {
		g := w.one("vts", fmt.Sprintf("buoy-gw-%02d", i+1), harbour.KindCellularGateway, &cellGateway, "cellular gateway of buoys")
		w.session(int64(i%80+13)*minute, pick(w.vtsDesks, i), g, web, modemPage("ALEOS", "AirLink RV50X"))
		w.lease(int64(i%80+2)*minute, g, g.name, "AirLink RV50X")
		if i == 0 {
			w.decoy("cellular-modem", "A cellular gateway that is on the inventory.", g)
		}
	}
	w.switchAt(w.room("vts", 1), "sw-vts", &otSwitch)
}

// modemPage plays the fetch of a cellular router's page.
func modemPage(server, title string) func(k *conn) {
	return func(k *conn) {
		request{path: "/", agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", status: "200 OK", server: server, kind: "text/html", body: page(title)}.play(k)
		k.ack()
	}
}

// sentences plans n messages of a sensor.
func (w *world) sentences(h, to *host, n int, make func(r *rng, at int64, i int) []byte) {
	num := uint64(len(w.tasks))
	r := newRNG(w.o.Seed, num, 10)
	i := 0
	period := length / int64(n)
	w.allow(h, to, "", "udp", 10110)
	w.at(r.span(second, period/2), func(at int64) int64 {
		at = w.resolve(at, h, to)
		w.datagram(at, h, to, 10110, 10110, make(r, at, i))
		if i++; i == n {
			return -1
		}
		return at + period
	})
}

func aisSentence(r *rng, at int64, i int) []byte {
	return frame.AISPosition(211000000+uint32(r.n(40))*1117, 3240000+int32(r.n(9000)), 480000+int32(r.n(9000)), uint16(r.n(140)), uint16(r.n(3600)), byte(at/second%60))
}

func radarSentence(r *rng, at int64, i int) []byte {
	return frame.NMEA('$', fmt.Sprintf("RATLL,%02d,%s,N,%s,E,T%02d,%s,T,", i%40, degrees(r, 54, 2), degrees(r, 8, 3), i%40, clock(at)))
}

func gnssSentence(r *rng, at int64, i int) []byte {
	return frame.NMEA('$', fmt.Sprintf("GPRMC,%s,A,5401.2%03d,N,00804.1%03d,E,0.0,0.0,161126,,,A", clock(at), r.n(9), r.n(9)))
}

func degrees(r *rng, deg, width int) string {
	return fmt.Sprintf("%0*d%02d.%03d", width, deg, r.n(60), r.n(1000))
}

// clock is the time of day as sentences give it.
func clock(at int64) string {
	s := at / second
	return fmt.Sprintf("%02d%02d%02d.00", 5+s/3600, s/60%60, s%60)
}

// planPower plans the shore power cubicles.
func (w *world) planPower() {
	w.powerSCADA = w.one("power", "power-scada", harbour.KindSCADA, &virtualServer, "shore power SCADA")
	for i := range w.count(8) {
		s := w.room("power", 5)
		name := fmt.Sprintf("berth%02d", i+1)
		plc := w.add(s, name+"-power-plc", harbour.KindPLC, &powerController, "shore connection controller")
		plc.crit = "high"
		w.power = append(w.power, plc)
		w.poll(w.powerSCADA, plc, modbus, w.cycles(40), dialogue{greet: modbusGreet, cycle: modbusCommand})
		for m := range 3 {
			h := w.add(s, fmt.Sprintf("%s-meter%d", name, m+1), harbour.KindMeter, &meter, "energy meter")
			w.meters = append(w.meters, h)
			w.poll(plc, h, modbus, w.cycles(12), dialogue{greet: modbusGreet, cycle: modbusRead(3, 2999, 10)})
			if m == 0 {
				w.session(int64(i%90+17)*minute, w.powerSCADA, h, web, devicePage)
			}
		}
		if i%8 == 0 {
			w.switchAt(s, fmt.Sprintf("sw-power-%02d", i/8+1), &otSwitch)
		}
	}
}

// devicePage plays the fetch of a device's page.
func devicePage(k *conn) {
	request{path: "/index.html", agent: "Mozilla/5.0 (X11; Linux x86_64)", status: "200 OK", server: "Schneider-WEB", kind: "text/html", body: page(k.s.p.model)}.play(k)
	k.ack()
}
