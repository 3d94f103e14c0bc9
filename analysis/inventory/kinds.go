// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"strings"

	"breakwater/harbour"
)

// kindRule votes for a kind when an attribute's value holds one of the words. Words are in lower case.
type kindRule struct {
	attrs      []string
	words      []string
	kind       harbour.Kind
	confidence harbour.Confidence
	note       string // what the reason adds
}

// matches says whether a value, in lower case, holds one of the rule's words.
func (r *kindRule) matches(low string) bool {
	for _, w := range r.words {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// rulesFor lists the rules that look at an attribute.
var rulesFor = func() map[string][]*kindRule {
	m := map[string][]*kindRule{}
	for i := range kindRules {
		for _, name := range kindRules[i].attrs {
			m[name] = append(m[name], &kindRules[i])
		}
	}
	return m
}()

func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:57], "") + "…"
	}
	return "\"" + s + "\""
}

var (
	selfNames = []string{
		harbour.AttrServerBanner, harbour.AttrPageTitle, harbour.AttrRealm, harbour.AttrDescription, harbour.AttrModel,
		harbour.AttrProductName, harbour.AttrPlatform, harbour.AttrSoftware, harbour.AttrCertSubject, harbour.AttrDHCPVendorClass,
		harbour.AttrHostname, harbour.AttrModuleType,
	}
	types = []string{harbour.AttrDeviceType}
	caps  = []string{harbour.AttrCapabilities}
)

// kindRules are what devices say about themselves. Device types are ODVA's; capability words those of IEEE 802.1AB and CDP.
var kindRules = []kindRule{
	{types, []string{"programmable logic controller"}, harbour.KindPLC, 90, ""},
	{types, []string{"ac drive", "dc drive", "motion drive", "softstart", "inverter"}, harbour.KindDrive, 90, ""},
	{types, []string{"human-machine interface", "human machine interface"}, harbour.KindHMI, 90, ""},
	{types, []string{"general purpose discrete i/o", "general purpose analog i/o", "discrete i/o", "analog i/o"}, harbour.KindIOModule, 85, ""},
	{types, []string{"safety discrete i/o", "safety analog i/o"}, harbour.KindSafetyController, 80, ""},
	{types, []string{"managed switch", "managed ethernet switch"}, harbour.KindSwitch, 90, ""},
	// Profile 0x0C joins a backplane or a bus to the network. What stands behind it shows in its name, below; by itself the profile
	// tells no more than this.
	{types, []string{"communications adapter"}, harbour.KindIOModule, 50, ", the head of remote I/O or the network module of a controller's rack"},
	{types, []string{"encoder", "sensor", "limit switch", "proximity"}, harbour.KindSensor, 80, ""},
	{caps, []string{"wlan access point", "wlan-access-point"}, harbour.KindAccessPoint, 85, ""},
	{caps, []string{"telephone", "phone"}, harbour.KindPhone, 80, ""},
	{caps, []string{"router"}, harbour.KindRouter, 60, ""},
	{caps, []string{"bridge", "switch"}, harbour.KindSwitch, 62, ""},
	{selfNames, []string{"axis ", "axis-", "network camera", "ip camera", "ipcam", "hikvision", "dahua", "mobotix", "flexidome", "dinion"}, harbour.KindCamera, 75, ""},
	{selfNames, []string{"nvr", "video recorder", "dvr"}, harbour.KindRecorder, 72, ""},
	{selfNames, []string{"teltonika", "rut9", "rut2", "rutx", "airlink", "aleos", "sierra wireless", "digi transport", "lte router", "cellular"}, harbour.KindCellularGateway, 78, ""},
	{selfNames, []string{"scalance x", "hirschmann", "hios", "catalyst", "ws-c", "moxa eds", "switch"}, harbour.KindSwitch, 66, ""},
	{selfNames, []string{"fortigate", "palo alto", "pfsense", "opnsense", "firewall", "cisco adaptive security"}, harbour.KindFirewall, 72, ""},
	{selfNames, []string{"simatic s7", "s7-1500", "s7-300", "s7-400", "s7-1200", "cpu 15", "cpu 31", "6es7", "controllogix", "compactlogix", "1756-", "1769-l", "modicon", "m340", "m580"}, harbour.KindPLC, 76, ""},
	{selfNames, []string{"1734-aent", "1738-aent", "1794-aent", "1719-aent", "1715-aent", "5094-aen", "5069-aen", "1797-aent", "point i/o", "flex i/o", "et 200", "et200", "im 15", "im15", "bus coupler", "remote i/o"}, harbour.KindIOModule, 77, ""},
	{selfNames, []string{"panelview", "simatic hmi", "comfort panel", "magelis"}, harbour.KindHMI, 76, ""},
	{selfNames, []string{"sinamics", "powerflex", "altivar"}, harbour.KindDrive, 74, ""},
	{selfNames, []string{"laserjet", "officejet", "printer", "kyocera", "lexmark"}, harbour.KindPrinter, 75, ""},
	{selfNames, []string{"smart-ups", "apc ups", "ups network"}, harbour.KindUPS, 75, ""},
	{selfNames, []string{"door controller", "access control panel", "badge"}, harbour.KindDoorController, 60, ""},
	{[]string{harbour.AttrDHCPVendorClass}, []string{"msft 5.0", "msft 98"}, harbour.KindWorkstation, 40, ""},
	{[]string{harbour.AttrDHCPVendorClass}, []string{"cisco ip phone", "polycom", "yealink"}, harbour.KindPhone, 75, ""},
	{[]string{harbour.AttrServiceName}, []string{"_ipp._tcp", "_printer._tcp", "_pdl-datastream._tcp"}, harbour.KindPrinter, 72, ""},
	{[]string{harbour.AttrServiceName}, []string{"_axis-video._tcp"}, harbour.KindCamera, 78, ""},
}

// serviceRule votes by the side an asset takes in a protocol: 0 client, 1 server, 2 announcer.
type serviceRule struct {
	protocol   string
	side       uint8
	kind       harbour.Kind
	confidence harbour.Confidence
	why        string
}

var serviceRules = []serviceRule{
	{"dns", 1, harbour.KindServer, 45, "answers DNS"},
	{"dhcp", 1, harbour.KindServer, 42, "hands out addresses"},
	{"smb", 1, harbour.KindServer, 34, "serves files by SMB"},
	{"nbns", 2, harbour.KindWorkstation, 22, "announces NetBIOS names"},
	{"llmnr", 2, harbour.KindWorkstation, 24, "asks for names by LLMNR"},
	{"cdp", 2, harbour.KindSwitch, 30, "speaks CDP"},
}

// makerRule votes by the holder of a MAC prefix: the weakest evidence there is.
type makerRule struct {
	maker      string
	kind       harbour.Kind
	confidence harbour.Confidence
}

var makerRules = []makerRule{
	{"axis communications", harbour.KindCamera, 45},
	{"hikvision", harbour.KindCamera, 45},
	{"dahua", harbour.KindCamera, 45},
	{"mobotix", harbour.KindCamera, 45},
	{"teltonika", harbour.KindCellularGateway, 45},
	{"sierra wireless", harbour.KindCellularGateway, 45},
	{"hirschmann", harbour.KindSwitch, 30},
	{"cisco", harbour.KindSwitch, 15},
	{"siemens", harbour.KindPLC, 15},
	{"rockwell", harbour.KindPLC, 20},
	{"schneider", harbour.KindPLC, 15},
	{"raspberry", harbour.KindWorkstation, 12},
	{"hewlett packard", harbour.KindWorkstation, 10},
	{"dell", harbour.KindWorkstation, 10},
}
