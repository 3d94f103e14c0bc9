// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/harbour"
)

// The long lists are encoded here instead of by reflection: on a large capture that is the greater part of writing
// them. What comes out is what encoding/json makes of the types in package harbour, byte by byte; TestAppend compares
// the two, so that a field that is added there and not here does not go unseen.

// object appends the fields of one JSON object.
type object struct{ b []byte }

// appendEach writes a list line by line. The elements are those of seq.
func appendEach[T any](w *writer, seq iter.Seq[*T], one func(*object, *T)) error {
	if seq == nil {
		return w.ctx.Err()
	}
	var o object
	for v := range seq {
		if err := w.next(); err != nil {
			return err
		}
		o.b = o.b[:0]
		o.open()
		one(&o, v)
		o.close()
		o.b = append(o.b, '\n')
		if _, err := w.out.Write(o.b); err != nil {
			return err
		}
	}
	return nil
}

// open and close write the braces; key writes a name, with the comma that it needs.
func (o *object) open() { o.b = append(o.b, '{') }

func (o *object) close() { o.b = append(o.b, '}') }

func (o *object) key(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
}

// element separates the elements of an array.
func (o *object) element() {
	if o.b[len(o.b)-1] != '[' {
		o.b = append(o.b, ',')
	}
}

func (o *object) text(name, v string) {
	o.key(name)
	o.b = appendText(o.b, v)
}

// some is text for a field that is left out where it is empty.
func (o *object) some(name, v string) {
	if v != "" {
		o.text(name, v)
	}
}

func (o *object) number(name string, v int64) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, v, 10)
}

func (o *object) truth(name string, v bool) {
	o.key(name)
	o.b = strconv.AppendBool(o.b, v)
}

func (o *object) instant(name string, v harbour.Instant) {
	o.key(name)
	o.b = appendInstant(o.b, v)
}

func (o *object) texts(name string, list []string) {
	o.key(name)
	o.b = append(o.b, '[')
	for _, v := range list {
		o.element()
		o.b = appendText(o.b, v)
	}
	o.b = append(o.b, ']')
}

// array calls one for each element.
func array[T any](o *object, name string, list []T, one func(*object, *T)) {
	o.key(name)
	o.b = append(o.b, '[')
	for i := range list {
		o.element()
		o.open()
		one(o, &list[i])
		o.close()
	}
	o.b = append(o.b, ']')
}

const hex = "0123456789abcdef"

// appendText appends a string as encoding/json does without the escapes for HTML.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	plain := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if (r != utf8.RuneError || n > 1) && r != '\u2028' && r != '\u2029' {
				i += n
				continue
			}
			b = append(b, s[plain:i]...)
			if r == utf8.RuneError {
				b = append(b, `\ufffd`...)
			} else {
				b = append(b, `\u202`...)
				b = append(b, hex[r&0xf])
			}
			i += n
			plain = i
			continue
		}
		b = append(b, s[plain:i]...)
		if k := strings.IndexByte("\"\\\b\f\n\r\t", c); k >= 0 {
			b = append(b, '\\', `"\bfnrt`[k])
		} else {
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
		i++
		plain = i
	}
	return append(append(b, s[plain:]...), '"')
}

// appendInstant appends the RFC 3339 form or null.
func appendInstant(b []byte, i harbour.Instant) []byte {
	if i == 0 {
		return append(b, "null"...)
	}
	t := i.Time()
	year, month, day := t.Date()
	if year < 1000 || year > 9999 {
		b = append(b, '"')
		return append(t.AppendFormat(b, time.RFC3339Nano), '"')
	}
	hour, minute, second := t.Clock()
	b = append(b, '"', byte('0'+year/1000), byte('0'+year/100%10))
	b = append(two(b, year%100), '-')
	b = append(two(b, int(month)), '-')
	b = append(two(b, day), 'T')
	b = append(two(b, hour), ':')
	b = append(two(b, minute), ':')
	b = two(b, second)
	if us := t.Nanosecond() / 1000; us != 0 {
		b = append(b, '.')
		for unit := 100_000; us != 0; unit /= 10 {
			b = append(b, byte('0'+us/unit))
			us %= unit
		}
	}
	return append(b, 'Z', '"')
}

func two(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func appendConversation(o *object, c *harbour.Conversation) {
	o.text("client", c.Client)
	o.some("server", c.Server)
	o.some("group", c.Group)
	o.text("client_ip", c.ClientIP)
	o.text("server_ip", c.ServerIP)
	o.text("client_mac", c.ClientMAC)
	o.text("server_mac", c.ServerMAC)
	o.number("vlan", int64(c.VLAN))
	o.text("transport", c.Transport)
	o.some("ethertype", c.EtherType)
	o.number("port", int64(c.Port))
	o.text("protocol", c.Protocol)
	o.truth("confirmed", c.Confirmed)
	o.number("packets", c.Packets)
	o.number("bytes", c.Bytes)
	o.instant("first_seen", c.FirstSeen)
	o.instant("last_seen", c.LastSeen)
	o.text("verdict", string(c.Verdict))
	o.text("evidence", c.Evidence)
	o.text("locator", c.Locator)
}

func appendOperation(o *object, v *harbour.Operation) {
	o.text("client", v.Client)
	o.some("server", v.Server)
	o.some("group", v.Group)
	o.text("client_ip", v.ClientIP)
	o.text("server_ip", v.ServerIP)
	o.text("protocol", v.Protocol)
	o.text("verb", string(v.Verb))
	o.text("code", v.Code)
	o.text("name", v.Name)
	o.text("target", v.Target)
	o.text("result", v.Result)
	o.number("count", v.Count)
	o.instant("first_seen", v.FirstSeen)
	o.instant("last_seen", v.LastSeen)
	o.text("evidence", v.Evidence)
	o.text("locator", v.Locator)
}

func appendObservation(o *object, v *harbour.Observation) {
	o.text("evidence", v.Evidence)
	o.text("locator", v.Locator)
}

func appendAttribute(o *object, v *harbour.Attribute) {
	o.text("name", v.Name)
	o.text("value", v.Value)
	o.truth("declared", v.Declared)
	o.number("confidence", int64(v.Confidence))
	o.number("count", v.Count)
	o.instant("first_seen", v.FirstSeen)
	o.instant("last_seen", v.LastSeen)
	array(o, "observations", v.Observations, appendObservation)
}

func appendReason(o *object, v *harbour.Reason) {
	o.text("about", v.About)
	o.text("text", v.Text)
	o.number("confidence", int64(v.Confidence))
	if len(v.Evidence) > 0 {
		array(o, "evidence", v.Evidence, appendObservation)
	}
}

func appendInterface(o *object, v *harbour.Interface) {
	o.some("mac", v.MAC)
	o.texts("ips", v.IPs)
	if v.VLAN != 0 {
		o.number("vlan", int64(v.VLAN))
	}
}

func appendProtocol(o *object, v *harbour.ProtocolUse) {
	o.text("name", v.Name)
	o.text("side", v.Side)
	if v.Port != 0 {
		o.number("port", int64(v.Port))
	}
}

func appendSoftware(o *object, v *harbour.Software) {
	o.text("name", v.Name)
	o.some("version", v.Version)
	o.some("purl", v.PURL)
	o.some("cpe", v.CPE)
}

// appendAsset gives lists that are nil as empty ones.
func appendAsset(o *object, a *harbour.Asset) {
	o.text("id", a.ID)
	o.text("name", a.Name)
	o.some("organisation", a.Organisation)
	o.some("site", a.Site)
	o.text("domain", string(a.Domain))
	o.text("kind", string(a.Kind))
	o.some("role", a.Role)
	o.some("vendor", a.Vendor)
	o.some("model", a.Model)
	o.some("firmware", a.Firmware)
	o.some("serial", a.Serial)
	o.texts("hostnames", a.Hostnames)
	array(o, "interfaces", a.Interfaces, appendInterface)
	array(o, "protocols", a.Protocols, appendProtocol)
	o.some("level", a.Level)
	o.some("zone", a.Zone)
	o.some("criticality", a.Criticality)
	o.some("supplier", a.Supplier)
	o.some("location", a.Location)
	array(o, "software", a.Software, appendSoftware)
	o.truth("declared", a.Declared)
	o.truth("observed", a.Observed)
	o.instant("first_seen", a.FirstSeen)
	o.instant("last_seen", a.LastSeen)
	o.texts("keys", a.Keys)
	if len(a.Aliases) > 0 {
		o.texts("aliases", a.Aliases)
	}
	if len(a.Reasons) > 0 {
		array(o, "reasons", a.Reasons, appendReason)
	}
	array(o, "attributes", a.Attributes, appendAttribute)
}
