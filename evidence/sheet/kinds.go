// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"breakwater/evidence"
	"breakwater/harbour"

	"golang.org/x/text/unicode/norm"
)

// kindWords lists what people call each kind of asset, beside its own name and title. Compared like headings.
var kindWords = map[harbour.Kind][]string{
	harbour.KindPLC: {
		"PLC", "PLCs", "controller", "logic controller", "SPS", "Steuerung", "speicherprogrammierbare Steuerung", "PAC", "soft PLC", "CPU", "automate", "API", "automate programmable", "automate programmable industriel",
		"besturing", "autómata", "autómata programable", "controlador lógico", "process controller", "DCS controller",
	},
	harbour.KindRTU: {"RTU", "remote terminal unit", "Fernwirkgerät", "Fernwirkstation", "Unterstation", "outstation", "unité terminale distante", "unidad terminal remota", "telecontrol unit", "onderstation"},
	harbour.KindHMI: {"HMI", "operator panel", "panel PC", "touch panel", "operator terminal", "Bediengerät", "Bedienpanel", "Bedienterminal", "pupitre", "pupitre opérateur", "terminal opérateur", "bedieningspaneel", "panel de operador", "panel de operación", "display panel", "OIT"},
	harbour.KindSCADA: {
		"SCADA", "SCADA server", "SCADA system", "DCS", "DCS server", "OPC server", "Leitsystem", "Leitrechner", "Prozessleitsystem", "Leitstand", "superviseur", "supervision", "serveur SCADA", "servidor SCADA", "SCADA-server", "operator station", "I/O server", "WinCC server",
	},
	harbour.KindEngineering: {
		"engineering workstation", "engineering station", "EWS", "engineering laptop", "engineering PC", "programming device", "programming laptop", "Programmiergerät", "Engineering-Station", "Wartungslaptop", "Servicelaptop", "Service-Laptop", "maintenance laptop", "service laptop",
		"station d'ingénierie", "poste d'ingénierie", "console de programmation", "engineeringstation", "programmeerlaptop", "estación de ingeniería", "portátil de programación",
	},
	harbour.KindHistorian: {"historian", "data historian", "process historian", "archive server", "Prozessdatenarchiv", "Archivserver", "historiador", "historien"},
	harbour.KindDrive: {
		"drive", "frequency converter", "frequency inverter", "inverter", "VFD", "variable frequency drive", "variable speed drive", "VSD", "servo drive", "servo", "motor drive", "soft starter", "Frequenzumrichter", "Umrichter", "FU", "Antrieb", "Servoantrieb", "Sanftanlasser",
		"variateur", "variateur de vitesse", "variateur de fréquence", "démarreur", "frequentieregelaar", "frequentieomvormer", "aandrijving", "variador", "variador de frecuencia", "convertidor de frecuencia", "accionamiento", "arrancador",
	},
	harbour.KindIOModule:         {"I/O module", "IO module", "I/O", "remote I/O", "remote IO", "distributed I/O", "I/O station", "I/O island", "E/A-Modul", "E/A-Baugruppe", "dezentrale Peripherie", "Peripherie", "module E/S", "entrées/sorties", "E/S déportées", "I/O-module", "módulo E/S", "módulo de E/S", "E/S remotas", "bus coupler", "Buskoppler", "fieldbus coupler"},
	harbour.KindSafetyController: {"safety controller", "safety PLC", "safety relay", "SIS", "safety instrumented system", "ESD controller", "F-CPU", "Sicherheitssteuerung", "Sicherheits-SPS", "fehlersichere Steuerung", "Sicherheitsrelais", "automate de sécurité", "contrôleur de sécurité", "veiligheidsbesturing", "veiligheids-PLC", "controlador de seguridad", "PLC de seguridad", "autómata de seguridad"},
	harbour.KindRobot:            {"robot", "industrial robot", "robot controller", "Roboter", "Robotersteuerung", "robot industriel", "robot industrial", "AGV", "automated guided vehicle", "straddle carrier", "terminal tractor", "FTS"},
	harbour.KindCraneController: {
		"crane controller", "crane PLC", "crane", "crane control", "quay crane", "ship-to-shore crane", "STS", "STS crane", "RTG", "RMG", "ASC", "gantry crane", "stacking crane", "spreader controller", "Kransteuerung", "Kran", "Kran-SPS", "Containerbrücke", "grue", "automate de grue", "commande de grue", "portique", "kraan", "kraanbesturing", "grúa", "controlador de grúa", "PLC de grúa",
	},
	harbour.KindCamera:      {"camera", "cameras", "IP camera", "CCTV", "CCTV camera", "network camera", "dome camera", "PTZ", "PTZ camera", "ANPR camera", "LPR camera", "OCR camera", "OCR", "thermal camera", "video camera", "Kamera", "IP-Kamera", "Überwachungskamera", "Videokamera", "Domekamera", "Netzwerkkamera", "Wärmebildkamera", "caméra", "caméra IP", "caméra de surveillance", "bewakingscamera", "IP-camera", "cámara", "cámara IP", "cámara de seguridad", "cámara de vigilancia", "webcam"},
	harbour.KindBadgeReader: {"badge reader", "card reader", "access reader", "RFID reader", "TWIC reader", "fingerprint reader", "biometric reader", "Kartenleser", "Ausweisleser", "Badgeleser", "Zutrittsleser", "lecteur de badge", "lecteur de badges", "lecteur de carte", "badgelezer", "kaartlezer", "paslezer", "lector de tarjetas", "lector de credenciales", "lector", "reader"},
	harbour.KindDoorController: {
		"door controller", "access controller", "access control panel", "access control", "gate controller", "barrier controller", "turnstile", "turnstile controller", "barrier", "intercom", "Türsteuerung", "Türcontroller", "Zutrittskontrolle", "Zutrittscontroller", "Schrankensteuerung", "Schranke", "Drehkreuz",
		"contrôleur de porte", "contrôle d'accès", "barrière", "tourniquet", "deurcontroller", "toegangscontrole", "slagboom", "controlador de puerta", "controlador de acceso", "control de acceso", "barrera", "torno",
	},
	harbour.KindRecorder: {"recorder", "NVR", "DVR", "video recorder", "network video recorder", "video server", "camera server", "video management server", "VMS", "VMS server", "Videorekorder", "Rekorder", "Videoserver", "enregistreur", "enregistreur vidéo", "serveur vidéo", "videorecorder", "grabador", "grabador de vídeo", "servidor de vídeo"},
	harbour.KindSwitch: {
		"switch", "switches", "network switch", "ethernet switch", "managed switch", "unmanaged switch", "industrial switch", "access switch", "core switch", "distribution switch", "PoE switch", "L2 switch", "L3 switch", "layer 3 switch", "Netzwerkswitch", "Industrieswitch", "Netzwerk-Switch", "commutateur", "commutateur réseau", "switch réseau", "netwerkswitch", "conmutador", "conmutador de red", "hub",
	},
	harbour.KindRouter:          {"router", "routers", "edge router", "core router", "VPN router", "routeur", "Netzwerkrouter", "encaminador", "enrutador", "remote access router", "Fernwartungsrouter", "remote access gateway", "VPN gateway"},
	harbour.KindFirewall:        {"firewall", "firewalls", "NGFW", "next generation firewall", "industrial firewall", "security appliance", "UTM", "Industriefirewall", "pare-feu", "parefeu", "cortafuegos", "data diode"},
	harbour.KindAccessPoint:     {"access point", "AP", "WAP", "WLAN access point", "wireless access point", "Wi-Fi access point", "wireless AP", "WLAN-AP", "WLAN AP", "Zugangspunkt", "Zugriffspunkt", "point d'accès", "point d'accès Wi-Fi", "borne Wi-Fi", "accesspoint", "toegangspunt", "draadloos toegangspunt", "punto de acceso", "punto de acceso inalámbrico", "WLAN client", "wireless bridge", "mesh node", "wireless LAN controller"},
	harbour.KindCellularGateway: {"cellular gateway", "cellular router", "cellular modem", "LTE router", "LTE modem", "4G router", "5G router", "4G modem", "GSM modem", "modem", "mobile router", "GPRS modem", "LTE gateway", "Mobilfunkrouter", "LTE-Router", "Mobilfunkmodem", "routeur 4G", "routeur cellulaire", "modem 4G", "4G-router", "router 4G", "router celular"},
	harbour.KindServer:          {"server", "servers", "database server", "file server", "application server", "domain controller", "web server", "virtual machine", "VM", "ESXi host", "hypervisor", "NAS", "storage", "backup server", "TOS server", "print server", "Rechenzentrumsserver", "Datenbankserver", "Dateiserver", "Anwendungsserver", "serveur", "serveur de fichiers", "serveur d'application", "bestandsserver", "servidor", "servidor de archivos", "servidor de aplicaciones", "AD server", "DNS server", "NTP server", "Zeitserver", "time server", "mail server", "blade", "rack server"},
	harbour.KindWorkstation: {
		"workstation", "PC", "desktop", "desktop PC", "laptop", "notebook", "computer", "client", "thin client", "office PC", "industrial PC", "IPC", "tablet", "Arbeitsplatz", "Arbeitsplatzrechner", "Rechner", "Industrie-PC", "Laptops", "ordinateur", "ordinateur portable", "poste de travail", "portable", "PC industriel", "werkstation", "werkplek", "ordenador", "ordenador portátil", "estación de trabajo", "puesto de trabajo", "portátil", "PC industrial", "vehicle mounted terminal", "VMT", "handheld", "mobile computer", "mobiles Datenterminal", "kiosk",
	},
	harbour.KindPrinter:      {"printer", "printers", "network printer", "label printer", "multifunction printer", "MFP", "MFC", "Drucker", "Netzwerkdrucker", "Etikettendrucker", "Multifunktionsgerät", "imprimante", "imprimante réseau", "copieur", "netwerkprinter", "impresora", "impresora de red", "impresora de etiquetas", "plotter", "scanner"},
	harbour.KindPhone:        {"phone", "IP phone", "VoIP phone", "telephone", "desk phone", "DECT phone", "SIP phone", "VoIP", "Telefon", "IP-Telefon", "VoIP-Telefon", "téléphone", "téléphone IP", "telefoon", "IP-telefoon", "teléfono", "teléfono IP", "PBX", "call station", "Sprechstelle"},
	harbour.KindAISReceiver:  {"AIS", "AIS receiver", "AIS base station", "AIS transponder", "AIS station", "AIS-Empfänger", "AIS-Basisstation", "récepteur AIS", "station AIS", "AIS-ontvanger", "receptor AIS", "estación AIS"},
	harbour.KindGNSSReceiver: {"GNSS", "GPS", "GNSS receiver", "GPS receiver", "DGPS", "DGNSS", "GNSS-Empfänger", "GPS-Empfänger", "récepteur GNSS", "récepteur GPS", "GPS-ontvanger", "receptor GNSS", "receptor GPS", "RTK base", "GPS clock", "GPS-Uhr"},
	harbour.KindRadar:        {"radar", "VTS radar", "marine radar", "radar sensor", "Radaranlage", "Radarsensor", "radar VTS"},
	harbour.KindVesselSystem: {"vessel system", "ship system", "ECDIS", "VDR", "voyage data recorder", "bridge system", "Schiffssystem", "Brückensystem", "système de bord", "scheepssysteem", "sistema de buque", "VTS workstation", "VTS console"},
	harbour.KindUPS:          {"UPS", "uninterruptible power supply", "USV", "unterbrechungsfreie Stromversorgung", "onduleur", "ASI", "SAI", "noodstroomvoeding", "PDU", "rack PDU", "battery system"},
	harbour.KindMeter:        {"meter", "power meter", "energy meter", "electricity meter", "flow meter", "smart meter", "Zähler", "Energiezähler", "Stromzähler", "Energiemessgerät", "Messgerät", "compteur", "compteur d'énergie", "compteur électrique", "energiemeter", "elektriciteitsmeter", "contador", "medidor", "medidor de energía", "protection relay", "IED", "Schutzrelais", "Schutzgerät"},
	harbour.KindSensor:       {"sensor", "sensors", "temperature sensor", "level sensor", "tank gauge", "laser scanner", "LiDAR", "weather station", "anemometer", "wind sensor", "gas detector", "Sensor", "Temperatursensor", "Füllstandssensor", "Wetterstation", "Windmesser", "Gasmelder", "Melder", "transmitter", "Messumformer", "capteur", "capteur de température", "station météo", "détecteur", "opnemer", "weerstation", "detector", "estación meteorológica", "weighbridge", "Waage", "Fahrzeugwaage", "scale", "pont-bascule", "weegbrug", "báscula"},
	harbour.KindBuilding:     {"building controller", "BMS", "BMS controller", "building automation", "HVAC", "HVAC controller", "BACnet controller", "DDC", "lighting controller", "fire panel", "fire alarm panel", "fire alarm", "Gebäudeautomation", "Gebäudeleittechnik", "GLT", "Klimasteuerung", "Lüftung", "Heizungssteuerung", "Brandmeldezentrale", "BMZ", "GTB", "GTC", "gestion technique du bâtiment", "climatisation", "centrale incendie", "gebouwbeheersysteem", "GBS", "klimaatregeling", "brandmeldcentrale", "controlador de edificio", "climatización", "central de incendios"},
	harbour.KindGateway:      {"gateway", "protocol gateway", "protocol converter", "serial gateway", "serial server", "serial device server", "device server", "Modbus gateway", "fieldbus gateway", "terminal server", "media converter", "Protokollumsetzer", "Gateways", "Schnittstellenwandler", "Medienkonverter", "passerelle", "convertisseur", "convertisseur série", "omvormer serieel", "pasarela", "conversor serie", "convertidor de protocolo", "edge gateway", "IoT gateway", "reefer gateway"},
	harbour.KindRemoteHost:   {"remote host", "external host", "cloud service", "cloud"},
}

// kindIndex is the table of words by their compact form.
var kindIndex = sync.OnceValue(func() map[string]harbour.Kind {
	index := map[string]harbour.Kind{}
	put := func(s string, k harbour.Kind) {
		if c := compact(s); c != "" {
			if _, ok := index[c]; !ok {
				index[c] = k
			}
		}
	}
	for _, i := range harbour.Kinds {
		put(string(i.Kind), i.Kind)
		put(i.Title, i.Kind)
	}
	for _, i := range harbour.Kinds {
		for _, s := range kindWords[i.Kind] {
			put(s, i.Kind)
		}
	}
	delete(index, compact(harbour.Kinds[len(harbour.Kinds)-1].Title)) // "Not known" is said by leaving the cell empty
	return index
})

// kindOf understands what people call an asset. When it does not, "" comes with up to three kinds whose names are
// closest.
func kindOf(s string) (k harbour.Kind, closest []harbour.Kind) {
	s = clean(s)
	if len(s) > 120 {
		s = s[:120]
	}
	index := kindIndex()
	c := compact(s)
	if k, ok := index[c]; ok {
		return k, nil
	}
	if k, ok := index[strings.TrimSuffix(c, "s")]; ok {
		return k, nil
	}
	words := wordsOf(s)
	for n := min(4, len(words)); n > 0; n-- {
		var found []harbour.Kind
		for i := 0; i+n <= len(words); i++ {
			if k, ok := index[strings.Join(words[i:i+n], "")]; ok && !slices.Contains(found, k) {
				found = append(found, k)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return "", found[:min(3, len(found))]
		}
	}
	if k := compoundKind(words, index); k != "" {
		return k, nil
	}
	return "", closestKinds(c, index)
}

// compoundKind understands compounds whose last part is a known word, as German and Dutch make them.
func compoundKind(words []string, index map[string]harbour.Kind) harbour.Kind {
	for _, w := range words {
		for cut := 3; cut <= len(w)-5; cut++ {
			if k, ok := index[w[cut:]]; ok {
				return k
			}
		}
	}
	return ""
}

// wordsOf splits a text into its words in compact form.
func wordsOf(s string) (words []string) {
	for _, w := range strings.FieldsFunc(norm.NFC.String(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w = compact(w); w != "" {
			words = append(words, w)
		}
		if len(words) == 16 {
			break
		}
	}
	return words
}

// closestKinds finds the kinds whose names differ least from c.
func closestKinds(c string, index map[string]harbour.Kind) []harbour.Kind {
	if len(c) > 40 {
		c = c[:40]
	}
	least := map[harbour.Kind]int{}
	for w, k := range index {
		d := evidence.Edits(c, w)
		if old, ok := least[k]; !ok || d < old {
			least[k] = d
		}
	}
	var kinds []harbour.Kind
	for _, i := range harbour.Kinds {
		if d, ok := least[i.Kind]; ok && d <= max(2, len(c)*2/3) {
			kinds = append(kinds, i.Kind)
		}
	}
	slices.SortStableFunc(kinds, func(a, b harbour.Kind) int { return cmp.Compare(least[a], least[b]) })
	return kinds[:min(3, len(kinds))]
}
