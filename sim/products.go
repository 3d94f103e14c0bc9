// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

// The products in the port. Hardware addresses fit their vendors; hop counts are those with which such devices send.
var (
	craneController = product{"Siemens", "6ES7 315-2EH14-0AB0", "3.2.6", [3]byte{0x00, 0x1b, 0x1b}, 30, "S C-D2", "hebe"}
	rampController  = product{"Siemens", "6ES7 314-6EH04-0AB0", "3.3.12", [3]byte{0xac, 0x64, 0x17}, 30, "S C-F7", "nordkant"}
	safetyCPU       = product{"Siemens", "6ES7 315-2FJ14-0AB0", "3.2.8", [3]byte{0x00, 0x1b, 0x1b}, 30, "S F-B3", "hebe"}
	panel           = product{"Siemens", "6AV2124-0QC02-0AX1", "17.0.0.4", [3]byte{0xac, 0x64, 0x17}, 64, "S V-L6", "hebe"}
	drive           = product{"Schneider Electric", "ATV930D75N4", "3.3", [3]byte{0x00, 0x80, 0xf4}, 64, "8A", "hebe"}
	quayController  = product{"Rockwell Automation", "1756-L73/B", "24.11", [3]byte{0x00, 0x00, 0xbc}, 64, "", "quayline"}
	quayIO          = product{"Rockwell Automation", "1734-AENT/B", "5.19", [3]byte{0x00, 0x00, 0xbc}, 64, "", "quayline"}
	quayDrive       = product{"Rockwell Automation", "PowerFlex 755", "13.2", [3]byte{0x00, 0x00, 0xbc}, 64, "", "quayline"}
	quayPanel       = product{"Rockwell Automation", "2711P-T12W21D8S", "11.0", [3]byte{0x00, 0x00, 0xbc}, 64, "PV", "quayline"}
	craneCamera     = product{"Axis", "P1455-LE", "10.12.91", [3]byte{0x00, 0x40, 0x8c}, 64, "ACCC8E", "hebe"}
	gateCamera      = product{"Axis", "Q1700-LE", "10.12.65", [3]byte{0x00, 0x40, 0x8c}, 64, "ACCC8E", "torlane"}
	yardCamera      = product{"Hikvision", "DS-2CD2T47G2-L", "V5.7.3", [3]byte{0x44, 0x19, 0xb6}, 64, "DS2CD", "wachtel"}
	recorder        = product{"Hikvision", "DS-9632NI-I8", "V4.50.010", [3]byte{0x44, 0x19, 0xb6}, 64, "DSNVR", "wachtel"}
	reeferGateway   = product{"Moxa", "MGate MB3180", "2.2", [3]byte{0x00, 0x90, 0xe8}, 64, "TAIJB", "nordkant"}
	serialServer    = product{"Moxa", "NPort 5110A", "1.6", [3]byte{0x00, 0x90, 0xe8}, 64, "TAGKD", "nordkant"}
	barrier         = product{"Phoenix Contact", "AXC F 1152", "2022.0.8", [3]byte{0x00, 0xa0, 0x45}, 64, "1151412-", "torlane"}
	kiosk           = product{"Dell", "OptiPlex 3000 Thin Client", "1.19.0", [3]byte{0x00, 0x14, 0x22}, 128, "KSK", "torlane"}
	tankController  = product{"Schneider Electric", "BMXP342020", "3.40", [3]byte{0x00, 0x80, 0xf4}, 64, "21M34", "nordkant"}
	tankSafety      = product{"Schneider Electric", "TM5CSLC200FS", "2.71", [3]byte{0x00, 0x80, 0xf4}, 64, "21S", "nordkant"}
	powerController = product{"Schneider Electric", "BMXP342020", "3.40", [3]byte{0x00, 0x80, 0xf4}, 64, "22M34", "nordkant"}
	meter           = product{"Schneider Electric", "PM5560", "4.2.1", [3]byte{0x00, 0x80, 0xf4}, 64, "PM", "nordkant"}
	otSwitch        = product{"Hirschmann", "RS20-1600T1T1SDAE", "09.1.07", [3]byte{0x00, 0x80, 0x63}, 64, "943434", "nordkant"}
	ciscoSwitch     = product{"Cisco", "WS-C2960X-48TS-L", "15.2(7)E8", [3]byte{0x00, 0x1e, 0x13}, 64, "FOC", "wachtel"}
	ciscoRouter     = product{"Cisco", "C9300-24T", "17.9.4", [3]byte{0x00, 0x1e, 0x13}, 64, "FCW", "wachtel"}
	virtualServer   = product{"VMware", "VMware7,1", "21100432", [3]byte{0x00, 0x50, 0x56}, 128, "VMware-42", "wachtel"}
	linuxServer     = product{"VMware", "VMware7,1", "21100432", [3]byte{0x00, 0x50, 0x56}, 64, "VMware-56", "wachtel"}
	hpDesk          = product{"HP", "EliteDesk 800 G6", "S01 02.14", [3]byte{0x00, 0x1b, 0x78}, 128, "CZC", "wachtel"}
	dellDesk        = product{"Dell", "OptiPlex 7090", "1.20.0", [3]byte{0x00, 0x14, 0x22}, 128, "DLL", "wachtel"}
	dellLaptop      = product{"Dell", "Latitude 5420 Rugged", "1.24.0", [3]byte{0x00, 0x14, 0x22}, 128, "DLR", "wachtel"}
	printer         = product{"HP", "LaserJet M608", "2411.0", [3]byte{0x00, 0x1b, 0x78}, 64, "JPB", "wachtel"}
	phone           = product{"Yealink", "SIP-T46U", "108.86.0.20", [3]byte{0x00, 0x15, 0x65}, 64, "30", "wachtel"}
	doorController  = product{"Mercury Security", "LP1502", "1.30.3", [3]byte{0x00, 0x0f, 0xe5}, 64, "MS", "wachtel"}
	radar           = product{"Terma", "SCANTER 2202", "7.1", [3]byte{0x00, 0x20, 0xb4}, 64, "TS", "nordkant"}
	cellGateway     = product{"Sierra Wireless", "AirLink RV50X", "4.17.0", [3]byte{0x00, 0x14, 0x3e}, 64, "VN", "nordkant"}
	cellRouter      = product{"Teltonika", "RUT955", "07.06.5", [3]byte{0x00, 0x1e, 0x42}, 64, "11", ""}
	moxaSwitch      = product{"Moxa", "EDS-408A", "3.9", [3]byte{0x00, 0x90, 0xe8}, 64, "TBAKH", "nordkant"}
	pi              = product{"Raspberry Pi", "4 Model B", "", [3]byte{0xb8, 0x27, 0xeb}, 64, "10000000", ""}
)
