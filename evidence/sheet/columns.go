// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"strings"
)

// field is a property that a column can hold.
type field uint8

const (
	unknownField field = iota
	fieldName
	fieldTag
	fieldKind
	fieldRole
	fieldOrganisation
	fieldSite
	fieldLocation
	fieldZone
	fieldLevel
	fieldVendor
	fieldModel
	fieldFirmware
	fieldSerial
	fieldMAC
	fieldIP
	fieldVLAN
	fieldHostname
	fieldSupplier
	fieldModule
	fieldService
	fieldCriticality
	fieldSilent
	fieldIgnored // known, and holds nothing that is read
)

// identifying says whether a field can tell one asset from another.
func (f field) identifying() bool {
	switch f {
	case fieldName, fieldTag, fieldSerial, fieldMAC, fieldIP, fieldHostname:
		return true
	}
	return false
}

// spellings of columns, folded (see fold): English, German, French, Dutch, Spanish.
var spellings = map[field]string{
	fieldName: "name asset assetname device devicename equipment equipmentname geraet geraetename geraetebezeichnung bezeichnung " +
		"anlage nom appareil nomappareil equipement nomequipement apparaat apparaatnaam naam toestel nombre dispositivo nombredispositivo equipo",
	fieldTag: "tag assettag assetno assetnumber assetid inventoryno inventorynumber inventorynr inventarnummer inventarnr inventar " +
		"numeroinventaire noinventaire inventarisnummer numeroinventario numerodeinventario anlagennummer equipmentno equipmentid",
	fieldKind: "kind devicetype assettype equipmenttype type category class geraetetyp geraeteart art kategorie typ categorie soort " +
		"typedappareil typeequipement categoria tipo tipodispositivo devicecategory assetcategory assetclass",
	fieldRole:         "role function purpose description rolle funktion verwendung zweck beschreibung fonction usage functie omschrijving funcion descripcion use usedfor",
	fieldOrganisation: "organisation organization company tenant operator firma unternehmen betreiber entreprise exploitant bedrijf empresa operador",
	fieldSite:         "site terminal plant standortwerk werk betriebsstaette locatiesite planta terminalsite",
	fieldLocation: "location place room cabinet position standort ort raum schrank einbauort emplacement lieu local armoire locatie plaats ruimte kast " +
		"ubicacion lugar sala area physicallocation installedat",
	fieldZone:        "zone securityzone networkzone netzzone sicherheitszone zonedesecurite netwerkzone zona segment networksegment netzsegment",
	fieldLevel:       "level purduelevel purdue ebene purdueebene niveau nivel",
	fieldVendor:      "vendor manufacturer make maker brand oem hersteller fabrikat marke fabricant marque fabrikant merk fabricante marca",
	fieldModel:       "model modelno modelnumber modell orderno ordernumber partno partnumber articleno articlenumber mlfb bestellnummer artikelnummer typbezeichnung modele reference referencemodele modelo catalogno catalognumber product produkt producto produit typemodel modeltype",
	fieldFirmware:    "firmware firmwareversion fw fwversion fwver software softwareversion swversion version firmwarestand versionfirmware versionlogicielle firmwareversie versiondefirmware osversion",
	fieldSerial:      "serial serialno serialnumber serialnr sn seriennummer seriennr fabriknummer numerodeserie ndeserie noserie nodeserie numeroserie serienummer snr",
	fieldMAC:         "mac macaddress macaddr macs hardwareaddress hwaddress hwaddr ethernetaddress physicaladdress macadresse hardwareadresse adressemac macadres direccionmac ethernetmac",
	fieldIP:          "ip ipaddress ipaddr ips ipv4 ipv6 ipv4address ipv6address addr address networkaddress ipadresse adresse netzwerkadresse adresseip ipadres direccionip ipadressen ipaddresses managementip mgmtip",
	fieldVLAN:        "vlan vlanid vlannr vlanno vlannumber",
	fieldHostname:    "hostname host fqdn dnsname computername rechnername netzwerkname nomdhote nomhote hostnaam nombredehost netbiosname systemname",
	fieldSupplier:    "supplier maintainedby supportedby serviceprovider integrator contractor lieferant dienstleister betreutvon wartung fournisseur prestataire leverancier onderhoud proveedor mantenimiento",
	fieldModule:      "module subsystem system modul teilsystem systeme systeem sistema",
	fieldService:     "service services businessservice portservice dienst dienste",
	fieldCriticality: "criticality critical priority importance kritikalitaet prioritaet wichtigkeit criticite kriticiteit criticidad impact",
	fieldSilent:      "silent offline notconnected standalone unconnected stumm nichtvernetzt horsligne nietverbonden sinconexion",
	fieldIgnored: "no nr number id pos position# lfdnr owner department abteilung purchasedate purchased kaufdatum installdate installed comment comments remark remarks " +
		"bemerkung kommentar note notes notiz warranty garantie eol status contact gateway subnet subnetmask netmask mask lastseen lastchecked switchport port",
}

var columnOf = func() map[string]field {
	m := map[string]field{}
	for f, words := range spellings {
		for _, w := range strings.Fields(words) {
			m[w] = f
		}
	}
	return m
}()

// column knows a header cell.
func column(cell string) field {
	if i := strings.IndexAny(cell, "([{"); i > 0 { // units and remarks in brackets
		cell = cell[:i]
	}
	return columnOf[fold(cell)]
}

// fold brings a header or a word into the form of the tables: lower case, accents and punctuation off.
func fold(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteString(plain[r])
		}
	}
	return b.String()
}

// plain gives letters with marks their plain form; the German umlauts their long one.
var plain = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'é': "e", 'è': "e", 'ê': "e", 'ë': "e", 'á': "a", 'à': "a", 'â': "a", 'ã': "a",
	'í': "i", 'ì': "i", 'î': "i", 'ï': "i", 'ó': "o", 'ò': "o", 'ô': "o", 'õ': "o", 'ú': "u", 'ù': "u", 'û': "u", 'ç': "c", 'ñ': "n", 'å': "a", 'ø': "o", 'º': "o", '°': "",
}

// header reads a row as a header: the field of each column, and whether it is one.
func header(cells []string) (cols []field, unknown []string, ok bool) {
	known, cellsUsed, identifies := 0, 0, false
	seen := map[field]bool{}
	for _, c := range cells {
		f := column(c)
		if strings.TrimSpace(c) != "" {
			cellsUsed++
		}
		if seen[f] && f != unknownField && f != fieldIgnored && f != fieldMAC && f != fieldIP && f != fieldHostname {
			f = fieldIgnored // a second column of the same meaning adds nothing sure
		}
		seen[f] = true
		cols = append(cols, f)
		switch {
		case f == unknownField:
			if strings.TrimSpace(c) != "" {
				unknown = append(unknown, strings.TrimSpace(c))
			}
		case f != fieldIgnored:
			known++
			identifies = identifies || f.identifying()
		}
	}
	// Logs have an address or two among many columns of their own; an inventory's columns are mostly known.
	if len(unknown)*2 > cellsUsed+2 || cellsUsed > 0 && strings.HasPrefix(strings.TrimSpace(cells[0]), "#") && len(cells[0]) > 3 {
		return cols, unknown, false
	}
	strong := seen[fieldMAC] || seen[fieldIP] || seen[fieldSerial] || seen[fieldTag] || seen[fieldHostname]
	device := seen[fieldVendor] || seen[fieldModel] || seen[fieldKind] || seen[fieldFirmware] || seen[fieldLocation] || seen[fieldName] || seen[fieldHostname] || seen[fieldMAC] || seen[fieldSerial]
	return cols, unknown, known >= 2 && identifies && strong && device
}
