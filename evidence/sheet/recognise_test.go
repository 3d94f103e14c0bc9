// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"io"
	"os"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/internal/testdata"
)

// TestNotAnInventory holds the look-alikes.
func TestNotAnInventory(t *testing.T) {
	for name, s := range map[string]string{
		"tide table": "date,time,height\n2026-01-01,04:00,3.2\n", "event log": "time,source,message\n2026,fw,denied\n",
		"firewall": "hostname fw1\ninterface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n", "JSON": `{"name": "x", "ip": "10.0.0.1"}`,
		"JSON array": "[[\"name\",\"ip\",\"mac\"],\n[\"a\",\"10.0.0.1\",\"\"]]", "XML": "<a name=\"x\", ip=\"10.0.0.1\"/>",
		"YAML": "name: x\nip: 10.0.0.1\n", "YAML list": "---\n- name, ip, mac\n- a, 10.0.0.1, b\n",
		"NMEA": "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\n", "prose": "The name, and the address, of the port.\n",
		"flow export": "src ip,dst ip,bytes\n10.0.0.1,10.0.0.2,5\n", "flows with names": "name,ip,src ip,dst ip,src port,dst port,bytes\na,10.0.0.1,10.0.0.1,10.0.0.2,1,2,5\n",
		"vulnerabilities": "cve,product,version\nCVE-1,x,1\n", "scan report": "Plugin ID,CVE,CVSS,Risk,Host,Protocol,Port,Name,Synopsis,Description,Solution\n1,CVE-1,9,High,10.0.0.1,tcp,80,x,y,z,w\n",
		"firewall rules": "No.,Name,Source,Destination,Service,Action,Comment\n1,a,any,10.0.0.1,tcp/80,permit,\n", "empty": "", "zip": "PK\x03\x04 something else",
		"lease log":   "#fields\tts\tuid\tclient_addr\tmac\thost_name\tlease_time\n#types\ttime\tstring\taddr\tstring\tstring\tinterval\n",
		"session log": "ts,uid,orig,client_addr,mac,host_name,domain,assigned,lease,msg\n1,2,3,10.0.0.1,00:00:00:00:00:01,h,d,a,l,m\n",
		"leases":      "IP address,MAC address,Hostname,Lease expires\n10.0.0.1,00:1b:1b:00:00:01,a,2026-01-01\n",
		"people":      "name,role,department\nJane,pfso,Port\n", "people with addresses": "Name,Address,Location\nJane,12 Quay Street,Skerry\n",
		"controls": "ref_id,name,description,domain,status,category,priority,csf_function,owner\nC-1,Firewall,x,,active,technical,2,protect,Ops\n",
		"vessels":  "MMSI,Name,Call sign,Type,Flag\n244123456,EVER,PABC,70,NL\n", "PLC tags": "Tag,Address,Type,Comment\nMotor1,%Q0.0,BOOL,hoist\n",
		"software": "Name,Version,Vendor\nOffice,16,Microsoft\n", "addresses alone": "ip\n10.0.0.1\n", "business assets": "name,description,domain,type\nasset1,x,Global,PR\n",
		"binary": "name,ip\n\x00\x01\x02", "header in a sentence": "Our list has name, serial and so on.\n",
	} {
		if got := (Kind{}).Recognise([]byte(s)); got != "" {
			t.Errorf("%s: recognised as %q", name, got)
		}
	}
}

func TestInventory(t *testing.T) {
	for name, s := range map[string]string{
		"name and address":  "name,ip,mac\nplc-1,10.0.0.1,00:1b:1b:00:00:01\n",
		"header alone":      "Device name;Hersteller;Seriennummer;IP-Adresse\n",
		"names and kinds":   "Bezeichnung;Typ;Standort\nCam 1;Kamera;Tor\nCam 2;Kamera;Tor\n",
		"Addr":              "Hostname,Kind,Addr\na,plc,10.0.0.1\n",
		"some without":      "Name,IP\na,DHCP\nb,-\nc,10.0.0.1\n",
		"French":            "Nom;Adresse IP;Fabricant;N° de série\na;10.0.0.1;X;1\n",
		"Dutch":             "Naam;IP-adres;Merk;Serienummer\na;10.0.0.1;X;1\n",
		"Spanish":           "Nombre;Dirección IP;Fabricante;Número de serie\na;10.0.0.1;X;1\n",
		"with a risk":       "Name,IP,MAC,Vendor,Model,Risk\na,10.0.0.1,,X,Y,high\n",
		"title rows":        strings.Repeat("Port of Skerry\n\n", 9) + "Name,IP\na,10.0.0.1\n",
		"comment character": "#Name,IP,Vendor\na,10.0.0.1,X\n",
		"names":             "IpAddress,MacAddress,HostName,serial_number\n10.0.0.1,,a,1\n",
		"commas in cells":   "Name;Comment;IP\na;one, two, three, four;10.0.0.1\n",
	} {
		if got := (Kind{}).Recognise([]byte(s)); !strings.HasPrefix(got, "CSV inventory") {
			t.Errorf("%s: recognised as %q, want an inventory", name, got)
		}
	}
}

// TestSamples reads the head of every sample: none is an inventory but workbooks, whose head does not tell.
func TestSamples(t *testing.T) {
	n := 0
	head := make([]byte, evidence.HeadSize)
	for _, path := range testdata.Files(t, ".") {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		k, _ := io.ReadFull(f, head)
		f.Close()
		n++
		got := Kind{}.Recognise(head[:k])
		if want := strings.HasSuffix(path, ".xlsx"); (got != "") != want {
			t.Errorf("%s: recognised as %q", path, got)
		}
	}
	if n < 100 {
		t.Errorf("%d samples, want hundreds", n)
	}
}
