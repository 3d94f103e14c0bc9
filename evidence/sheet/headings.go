// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

// field is what a column holds.
type field uint8

// The fields. An ambiguous heading has a field of its own that the cells settle.
const (
	fieldNone field = iota
	fieldName
	fieldHostname
	fieldTag
	fieldSerial
	fieldMAC
	fieldIP
	fieldAddress // a MAC or an IP address, or the postal kind
	fieldKind
	fieldType // a kind of device or a maker's type designation
	fieldRole
	fieldOrganisation
	fieldSite
	fieldLocation
	fieldZone
	fieldLevel
	fieldVLAN
	fieldVendor
	fieldModel
	fieldOrder
	fieldFirmware
	fieldVersion // of firmware in an inventory of devices
	fieldHardware
	fieldOS
	fieldSupplier
	fieldModule
	fieldServices
	fieldCriticality
	fieldSilent
	fieldNetworked // the opposite of silent
	fieldOwner
	fieldPurchased
	fieldDescription
	fieldNote
	fieldCounter  // the running number of the row
	fieldContrary // says that the table is about something other than devices
	fieldCount
)

// headings lists the spellings of each field in English, German, French, Dutch and Spanish, as ports use them. They are
// compared without case, accents, spaces and punctuation, without a unit in brackets, and without a number at the end.
var headings = map[field][]string{
	fieldName: {
		"name", "device", "device name", "asset", "asset name", "equipment", "equipment name", "component", "component name", "system name",
		"machine", "machine name", "node", "node name", "designation", "label", "display name", "unit name", "item", "item name",
		"Gerät", "Geräte", "Geraet", "Gerätename", "Geraetename", "Gerätebezeichnung", "Bezeichnung", "Benennung", "Anlage", "Anlagenname",
		"Komponente", "Systemname", "Betriebsmittel", "Betriebsmittelkennzeichen", "BMK", "AKZ", "Anlagenkennzeichen",
		"nom", "appareil", "nom de l'appareil", "équipement", "nom de l'équipement", "nom équipement", "désignation", "matériel", "libellé",
		"naam", "apparaat", "apparaatnaam", "naam apparaat", "toestel", "benaming", "installatie", "omschrijving apparaat",
		"nombre", "dispositivo", "nombre del dispositivo", "nombre dispositivo", "equipo", "nombre del equipo", "nombre equipo", "denominación", "activo", "nombre del activo",
	},
	fieldHostname: {
		"hostname", "host name", "host", "computer name", "computer", "DNS name", "DNS", "FQDN", "network name", "NetBIOS name", "PROFINET name", "name of station", "station name",
		"Rechnername", "Hostbezeichnung", "Netzwerkname", "Gerätename PROFINET", "PROFINET-Name", "DNS-Name", "Computername",
		"nom d'hôte", "nom hôte", "hôte", "nom réseau", "nom DNS", "nom de machine", "hostnaam", "computernaam", "netwerknaam", "DNS-naam",
		"nombre de host", "nombre de red", "nombre DNS", "nombre de máquina", "nombre de anfitrión",
	},
	fieldTag: {
		"asset tag", "tag", "asset no", "asset no.", "asset number", "asset id", "inventory no.", "inventory number", "inventory tag", "inventory id", "inv no", "inv. no.", "equipment number", "equipment no", "equipment id",
		"device id", "CI number", "CMDB id", "barcode", "sticker", "property tag", "tag number", "tag no",
		"Inventarnummer", "Inventarnr.", "Inventar-Nr.", "Inv.-Nr.", "Anlagennummer", "Anlagennr", "Equipmentnummer", "Equipment-Nr.", "Gerätenummer", "Geräte-ID", "Barcode-Nr",
		"numéro d'inventaire", "no d'inventaire", "n° d'inventaire", "n° inventaire", "numéro inventaire", "étiquette", "code barre", "code immobilisation",
		"inventarisnummer", "inventarisnr", "inventaris-nr.", "activanummer", "objectnummer", "apparaatnummer",
		"número de inventario", "nº de inventario", "n.º inventario", "núm. inventario", "etiqueta", "código de activo", "código de inventario", "número de activo", "etiqueta de activo",
	},
	fieldSerial: {
		"serial", "serial number", "serial no.", "serial no", "serial nr", "serial num", "serial #", "serialnumber", "S/N", "SN", "ser. no.", "ser no", "chassis serial", "manufacturer serial number", "factory number",
		"Seriennummer", "Seriennr.", "Serien-Nr.", "Ser.-Nr.", "Fabriknummer", "Fabrik-Nr.", "Fertigungsnummer", "SNr",
		"numéro de série", "no de série", "n° de série", "n° série", "numéro série", "num série", "serienummer", "serienr", "serie-nr.", "fabrieksnummer",
		"número de serie", "nº de serie", "n.º de serie", "núm. serie", "núm. de serie", "no. de serie", "número serie",
	},
	fieldMAC: {
		"MAC", "MAC address", "MAC addr", "MACs", "MAC addresses", "hardware address", "HW address", "HW addr", "physical address", "ethernet address", "ethernet MAC", "LAN MAC", "MAC id", "NIC MAC", "burned-in address", "WLAN MAC", "Wi-Fi MAC",
		"MAC-Adresse", "MAC-Adressen", "Hardware-Adresse", "Hardwareadresse", "physische Adresse", "physikalische Adresse", "Ethernet-Adresse",
		"adresse MAC", "adresses MAC", "adresse matérielle", "adresse physique", "adresse ethernet", "MAC-adres", "MAC-adressen", "hardware-adres", "fysiek adres",
		"dirección MAC", "direcciones MAC", "dirección física", "dirección de hardware", "dir. MAC",
	},
	fieldIP: {
		"IP", "IPs", "IP address", "IP addresses", "IP addr", "IPv4", "IPv4 address", "IPv6", "IPv6 address", "network address", "management IP", "mgmt IP", "management address", "IP management", "LAN IP", "static IP", "TCP/IP address", "IP v4", "host IP", "primary IP", "IP no",
		"IP-Adresse", "IP-Adressen", "IP Adr.", "IP-Adr", "IPv4-Adresse", "IPv6-Adresse", "Netzwerkadresse", "Management-IP", "Verwaltungsadresse",
		"adresse IP", "adresses IP", "adresse IPv4", "adresse IPv6", "adresse réseau", "@IP", "IP-adres", "IP-adressen", "IPv4-adres", "netwerkadres", "beheer-IP",
		"dirección IP", "direcciones IP", "dirección IPv4", "dirección de red", "dir. IP", "IP de gestión",
	},
	fieldAddress: {"addr", "addr.", "address", "addresses", "Adresse", "Adressen", "adres", "adressen", "dirección", "direcciones"},
	fieldKind: {
		"kind", "device type", "asset type", "equipment type", "type of device", "type of asset", "type of equipment", "device class", "asset class", "device category", "asset category", "category", "class", "device kind", "component type", "system type", "kind of device",
		"Gerätetyp", "Geraetetyp", "Geräteart", "Gerätekategorie", "Geräteklasse", "Kategorie", "Art", "Anlagentyp", "Klasse", "Gerätegruppe", "Art des Geräts",
		"catégorie", "type d'appareil", "type d'équipement", "type équipement", "type de matériel", "nature", "classe",
		"categorie", "apparaattype", "soort", "soort apparaat", "type apparaat", "klasse",
		"categoría", "tipo de dispositivo", "tipo dispositivo", "tipo de equipo", "tipo equipo", "tipo de activo", "clase",
	},
	fieldType: {"type", "Typ", "tipo"},
	fieldRole: {
		"role", "function", "purpose", "usage", "use", "device role", "device function", "task", "application", "duty",
		"Rolle", "Funktion", "Aufgabe", "Verwendung", "Zweck", "Verwendungszweck", "Einsatz", "Einsatzzweck",
		"rôle", "fonction", "usage prévu", "utilisation", "rol", "functie", "toepassing", "doel", "gebruik", "función", "uso", "aplicación", "propósito",
	},
	fieldOrganisation: {
		"organisation", "organization", "company", "operator", "operated by", "tenant", "terminal operator", "legal entity", "business unit",
		"Betreiber", "Firma", "Gesellschaft", "Mandant", "Unternehmen", "société", "entreprise", "exploitant", "organisme", "organisatie", "bedrijf", "exploitatie door",
		"organización", "empresa", "operador", "sociedad",
	},
	fieldSite: {
		"site", "terminal", "plant", "facility", "site name", "campus", "berth", "Werk", "Betriebsstätte", "Liegenschaft", "Terminalname", "usine", "établissement", "vestiging", "fabriek", "locatienaam", "planta", "sitio", "instalación", "centro", "sede", "sede portuaria",
	},
	fieldLocation: {
		"location", "place", "position", "device location", "physical location", "building", "room", "floor", "rack", "cabinet", "panel", "area", "install location", "installation location", "installed at", "where", "loc", "loc.",
		"Standort", "Ort", "Einbauort", "Aufstellort", "Aufstellungsort", "Gebäude", "Gebaeude", "Raum", "Etage", "Stockwerk", "Schaltschrank", "Schrank", "Bereich", "Lage", "Installationsort",
		"emplacement", "lieu", "localisation", "bâtiment", "salle", "étage", "armoire", "local", "baie", "zone géographique",
		"locatie", "plaats", "gebouw", "ruimte", "verdieping", "kast", "schakelkast", "standplaats", "opstelplaats",
		"ubicación", "lugar", "localización", "edificio", "sala", "planta baja", "piso", "armario", "emplazamiento", "posición",
	},
	fieldZone: {
		"zone", "security zone", "network zone", "zone name", "zone id", "security area", "segment", "network segment", "conduit zone", "Sicherheitszone", "Netzzone", "Netzsegment", "Netzwerkzone", "Netzwerksegment",
		"zone de sécurité", "zone réseau", "segment réseau", "beveiligingszone", "netwerkzone", "netwerksegment", "zona", "zona de seguridad", "zona de red", "segmento", "segmento de red",
	},
	fieldLevel: {"level", "purdue level", "purdue", "purdue layer", "layer", "ISA-95 level", "Ebene", "Purdue-Ebene", "Purdue-Level", "Automatisierungsebene", "niveau", "niveau Purdue", "Purdue-niveau", "nivel", "nivel Purdue"},
	fieldVLAN:  {"VLAN", "VLAN ID", "VLAN no", "VLAN number", "VLAN-Nr.", "VLAN-Nummer", "VID", "VLAN tag", "VLAN-nummer", "número VLAN", "ID VLAN", "ID de VLAN", "numéro VLAN", "access VLAN"},
	fieldVendor: {
		"vendor", "manufacturer", "make", "maker", "brand", "mfr", "mfg", "mfr.", "vendor name", "manufacturer name", "OEM", "producer",
		"Hersteller", "Herstellername", "Fabrikat", "Marke", "fabricant", "marque", "constructeur", "nom du fabricant", "fabrikant", "merk", "producent", "fabricante", "marca", "nombre del fabricante",
	},
	fieldModel: {
		"model", "model no", "model no.", "model number", "model name", "product", "product name", "device model", "part", "make and model", "product type", "type designation", "device type designation", "hardware", "hardware model", "model type",
		"Modell", "Modellnummer", "Typenbezeichnung", "Typbezeichnung", "Produkt", "Produktname", "Produktbezeichnung", "Gerätemodell", "Baureihe", "Typnummer",
		"modèle", "modele", "référence modèle", "produit", "nom du produit", "numéro de modèle", "modelnummer", "modelnaam", "typenummer", "typeaanduiding", "modelo", "número de modelo", "producto", "nombre del producto",
	},
	fieldOrder: {
		"order no.", "order number", "order code", "MLFB", "MLFB number", "part number", "part no", "part no.", "P/N", "PN", "article number", "article no", "catalog number", "catalogue number", "cat. no.", "product number", "product code", "SKU", "type code",
		"Bestellnummer", "Bestell-Nr.", "Artikelnummer", "Artikel-Nr.", "Teilenummer", "Sachnummer", "Materialnummer", "MLFB-Nummer",
		"référence", "référence commande", "numéro de commande", "réf.", "référence article", "code article", "bestelnummer", "artikelnummer", "onderdeelnummer", "número de pedido", "referencia", "número de parte", "número de artículo", "código de producto",
	},
	fieldFirmware: {
		"firmware", "firmware version", "FW", "FW version", "FW ver", "FW rev", "firmware revision", "firmware release", "firmware level", "current firmware", "installed firmware",
		"Firmwareversion", "Firmware-Stand", "Firmwarestand", "FW-Stand", "FW-Version", "version firmware", "version du firmware", "micrologiciel", "version du micrologiciel", "firmwareversie", "firmware-versie", "FW-versie", "versión de firmware", "versión firmware", "versión del firmware",
	},
	fieldVersion:  {"version", "SW version", "software version", "software", "SW", "release", "Softwarestand", "Softwareversion", "Softwarestand", "version logicielle", "version du logiciel", "logiciel", "versie", "softwareversie", "versión", "versión de software", "revision", "rev", "rev."},
	fieldHardware: {"hardware version", "hardware revision", "HW version", "HW rev", "HW revision", "HW", "Hardwarestand", "Hardwareversion", "HW-Stand", "Erzeugnisstand", "version matérielle", "révision matérielle", "hardwareversie", "versión de hardware", "revisión de hardware"},
	fieldOS:       {"OS", "operating system", "OS version", "operating system version", "Betriebssystem", "BS", "système d'exploitation", "système exploitation", "besturingssysteem", "sistema operativo", "SO"},
	fieldSupplier: {
		"supplier", "maintained by", "maintenance", "maintenance by", "maintainer", "supported by", "support", "support contract", "service provider", "integrator", "system integrator", "contractor", "vendor contact", "maintenance company", "serviced by",
		"Lieferant", "Wartung", "Wartung durch", "Wartungsfirma", "gewartet durch", "Dienstleister", "Instandhalter", "Servicepartner", "fournisseur", "maintenance par", "mainteneur", "prestataire", "intégrateur",
		"leverancier", "onderhoud", "onderhoud door", "onderhouden door", "onderhoudspartij", "proveedor", "mantenimiento", "mantenido por", "mantenedor", "integrador",
	},
	fieldModule:      {"module", "system", "subsystem", "sub-system", "module id", "parent system", "Modul", "System", "Teilsystem", "Anlagenteil", "système", "sous-système", "systeem", "subsysteem", "deelsysteem", "módulo", "sistema", "subsistema"},
	fieldServices:    {"services", "service", "port service", "business service", "needed by", "process", "business process", "Dienst", "Dienste", "Prozess", "Geschäftsprozess", "processus", "processus métier", "dienst", "diensten", "proces", "bedrijfsproces", "servicio", "servicios", "proceso"},
	fieldCriticality: {"criticality", "critical", "criticality rating", "importance", "business impact", "Kritikalität", "Kritikalitaet", "Kritisch", "Wichtigkeit", "Schutzbedarf", "criticité", "criticite", "importance métier", "kritikaliteit", "kriticiteit", "belang", "criticidad", "importancia", "nivel de criticidad"},
	fieldSilent:      {"silent", "passive", "offline", "off-line", "not networked", "not connected", "standalone", "stand-alone", "spare", "stumm", "nicht vernetzt", "nicht verbunden", "silencieux", "hors ligne", "non connecté", "hors réseau", "stil", "niet verbonden", "niet aangesloten", "silencioso", "sin conexión", "no conectado", "fuera de línea"},
	fieldNetworked:   {"networked", "online", "on network", "connected", "network connected", "vernetzt", "am Netz", "verbunden", "connecté", "connecté au réseau", "verbonden", "aangesloten", "conectado", "en red"},
	fieldOwner:       {"owner", "asset owner", "responsible", "responsible person", "department", "dept", "dept.", "team", "contact", "owned by", "custodian", "Eigentümer", "Besitzer", "Verantwortlich", "Verantwortlicher", "Abteilung", "Ansprechpartner", "Kostenstelle", "propriétaire", "responsable", "service responsable", "département", "eigenaar", "verantwoordelijke", "afdeling", "contactpersoon", "propietario", "departamento", "contacto", "dueño"},
	fieldPurchased:   {"purchase date", "purchased", "date of purchase", "bought", "commissioned", "commissioning date", "installation date", "install date", "installed", "date installed", "in service since", "Kaufdatum", "Anschaffungsdatum", "Inbetriebnahme", "Inbetriebnahmedatum", "Einbaudatum", "date d'achat", "date achat", "date d'installation", "date de mise en service", "mise en service", "aankoopdatum", "aanschafdatum", "installatiedatum", "in gebruik sinds", "fecha de compra", "fecha compra", "fecha de instalación", "puesta en servicio"},
	fieldDescription: {"description", "desc", "desc.", "details", "device description", "Beschreibung", "Gerätebeschreibung", "descriptif", "beschrijving", "omschrijving", "descripción"},
	fieldNote:        {"comment", "comments", "note", "notes", "remark", "remarks", "Bemerkung", "Bemerkungen", "Kommentar", "Anmerkung", "Hinweis", "Notiz", "commentaire", "commentaires", "remarque", "remarques", "opmerking", "opmerkingen", "notitie", "toelichting", "comentario", "comentarios", "nota", "notas", "observaciones"},
	fieldCounter:     {"no", "no.", "nr", "nr.", "number", "row", "line", "item no", "pos", "pos.", "lfd. Nr.", "lfd Nr", "Zeile", "n°", "numéro", "ligne", "volgnummer", "rij", "núm.", "nº", "fila"},
	fieldContrary: {
		"CVE", "CVE id", "CVEs", "CVSS", "CVSS score", "CVSS v3", "EPSS", "plugin", "plugin id", "plugin name", "QID", "vulnerability", "vulnerability name", "vulnerability id", "severity", "risk factor", "exploit", "solution", "synopsis",
		"source", "source address", "source IP", "source port", "source zone", "src", "src IP", "src addr", "src port", "src zone", "srcip", "destination", "destination address", "destination IP", "destination port", "destination zone", "dst", "dst IP", "dst addr", "dst port", "dst zone", "dest", "dest IP", "from", "to", "Quelle", "Ziel", "Quelladresse", "Zieladresse", "origen", "destino", "bron", "bestemming", "bron-IP", "doel-IP",
		"action", "rule", "rule id", "rule name", "policy", "policy id", "hits", "hit count", "NAT", "Regel", "Aktion", "règle", "regel", "actie", "regla", "acción",
		"timestamp", "time", "date/time", "datetime", "event", "event id", "event type", "message", "log", "logged at", "facility code", "alert", "Zeitstempel", "Uhrzeit", "Ereignis", "Meldung", "horodatage", "événement", "tijdstip", "gebeurtenis", "melding", "fecha y hora", "evento", "mensaje",
		"bytes", "packets", "bytes in", "bytes out", "duration", "frame", "frame number", "info", "length", "flows", "sessions", "ttl",
		"lease", "lease start", "lease end", "lease time", "lease expires", "lease expiry", "lease expiration", "expires", "ends", "starts", "age", "aging",
		"MMSI", "IMO", "IMO number", "call sign", "callsign", "SOG", "COG", "ETA", "draught", "flag", "vessel", "vessel name", "ship", "ship name", "sentence", "talker",
		"first name", "last name", "surname", "street", "zip", "postcode", "badge id", "badge number", "card number", "credential", "login", "user name", "username", "password", "Vorname", "Nachname", "Straße", "PLZ", "prénom", "rue", "voornaam", "achternaam", "straat", "woonplaats", "nombre completo", "apellido", "calle",
		"control id", "requirement", "clause", "likelihood", "impact", "risk", "risk level", "treatment", "mitigation", "evidence", "due date", "effort", "invoice", "license key", "licence key",
	},
}

// multiple are the fields that may have several columns, each adding its values.
var multiple = map[field]bool{
	fieldMAC: true, fieldIP: true, fieldAddress: true, fieldHostname: true, fieldServices: true, fieldLocation: true,
	fieldNote: true, fieldCounter: true, fieldContrary: true,
}

// prefixes and suffixes are words around a heading that say no more than that it is about the device.
var (
	prefixes = []string{"device", "asset", "equipment", "component", "unit", "machine", "gerate", "geraete", "gerat", "anlagen", "appareil", "equipement", "apparaat", "toestel", "equipo", "dispositivo", "current", "primary", "main"}
	suffixes = []string{"ofdevice", "ofasset", "ofthedevice", "desgerats", "desgerates", "derkomponente", "delappareil", "delequipement", "vanhetapparaat", "deldispositivo", "delequipo", "required", "mandatory", "optional"}
)
