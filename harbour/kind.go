// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Kind is what an asset is, from a closed list.
type Kind string

// The kinds of asset.
const (
	KindUnknown          Kind = "unknown"
	KindPLC              Kind = "plc"
	KindRTU              Kind = "rtu"
	KindHMI              Kind = "hmi"
	KindSCADA            Kind = "scada"
	KindEngineering      Kind = "engineering_workstation"
	KindHistorian        Kind = "historian"
	KindDrive            Kind = "drive"
	KindIOModule         Kind = "io_module"
	KindSafetyController Kind = "safety_controller"
	KindRobot            Kind = "robot"
	KindCraneController  Kind = "crane_controller"
	KindCamera           Kind = "camera"
	KindBadgeReader      Kind = "badge_reader"
	KindDoorController   Kind = "door_controller"
	KindRecorder         Kind = "recorder"
	KindSwitch           Kind = "switch"
	KindRouter           Kind = "router"
	KindFirewall         Kind = "firewall"
	KindAccessPoint      Kind = "wireless_access_point"
	KindCellularGateway  Kind = "cellular_gateway"
	KindServer           Kind = "server"
	KindWorkstation      Kind = "workstation"
	KindPrinter          Kind = "printer"
	KindPhone            Kind = "phone"
	KindAISReceiver      Kind = "ais_receiver"
	KindGNSSReceiver     Kind = "gnss_receiver"
	KindRadar            Kind = "radar"
	KindVesselSystem     Kind = "vessel_system"
	KindUPS              Kind = "ups"
	KindMeter            Kind = "meter"
	KindSensor           Kind = "sensor"
	KindBuilding         Kind = "building_controller"
	KindGateway          Kind = "protocol_gateway" // serial or fieldbus to network
	KindRemoteHost       Kind = "remote_host"      // outside the port's address space
)

// KindInfo describes a kind: its name for people, its usual domain and Purdue level.
type KindInfo struct {
	Kind   Kind
	Title  string
	Domain Domain
	Level  string // IEC 62443 / Purdue level where it usually stands; "" where none is usual
	// Group says how the kind shows on a drawing and in tables that group kinds.
	Group string
}

// Kinds lists every kind in the order in which reports show them.
var Kinds = []KindInfo{
	{KindCraneController, "Crane controller", OT, "1", "Controllers"},
	{KindPLC, "Programmable logic controller", OT, "1", "Controllers"},
	{KindSafetyController, "Safety controller", OT, "1", "Controllers"},
	{KindRTU, "Remote terminal unit", OT, "1", "Controllers"},
	{KindRobot, "Robot", OT, "1", "Controllers"},
	{KindBuilding, "Building controller", OT, "1", "Controllers"},
	{KindDrive, "Drive", OT, "1", "Field devices"},
	{KindIOModule, "I/O module", OT, "0", "Field devices"},
	{KindMeter, "Meter", OT, "0", "Field devices"},
	{KindSensor, "Sensor", OT, "0", "Field devices"},
	{KindUPS, "Uninterruptible power supply", OT, "1", "Field devices"},
	{KindGateway, "Protocol gateway", OT, "1", "Field devices"},
	{KindHMI, "Operator panel", OT, "2", "Supervision"},
	{KindSCADA, "SCADA server", OT, "2", "Supervision"},
	{KindEngineering, "Engineering workstation", OT, "3", "Supervision"},
	{KindHistorian, "Historian", OT, "3", "Supervision"},
	{KindAISReceiver, "AIS receiver", OT, "1", "Vessel traffic"},
	{KindGNSSReceiver, "GNSS receiver", OT, "1", "Vessel traffic"},
	{KindRadar, "Radar", OT, "1", "Vessel traffic"},
	{KindVesselSystem, "Vessel system", OT, "2", "Vessel traffic"},
	{KindCamera, "Camera", Physical, "1", "Physical security"},
	{KindRecorder, "Video recorder", Physical, "2", "Physical security"},
	{KindBadgeReader, "Badge reader", Physical, "0", "Physical security"},
	{KindDoorController, "Door controller", Physical, "1", "Physical security"},
	{KindFirewall, "Firewall", IT, "", "Network"},
	{KindRouter, "Router", IT, "", "Network"},
	{KindSwitch, "Switch", IT, "", "Network"},
	{KindAccessPoint, "Wireless access point", IT, "", "Network"},
	{KindCellularGateway, "Cellular gateway", IT, "", "Network"},
	{KindServer, "Server", IT, "4", "Computers"},
	{KindWorkstation, "Workstation", IT, "4", "Computers"},
	{KindPrinter, "Printer", IT, "4", "Computers"},
	{KindPhone, "Phone", IT, "4", "Computers"},
	{KindRemoteHost, "Host outside the port", IT, "5", "Outside"},
	{KindUnknown, "Not known", IT, "", "Not known"},
}

// Info returns the description of k; for a word outside the list that of [KindUnknown].
func (k Kind) Info() KindInfo {
	for _, i := range Kinds {
		if i.Kind == k {
			return i
		}
	}
	return Kinds[len(Kinds)-1]
}

// Known says whether k is on the closed list.
func (k Kind) Known() bool {
	for _, i := range Kinds {
		if i.Kind == k {
			return true
		}
	}
	return false
}

// Levels are the levels of the Purdue model (IEC 62443-1-1 calls them functional levels), as texts; 3.5 is the zone between.
var Levels = []string{"0", "1", "2", "3", "3.5", "4", "5"}
