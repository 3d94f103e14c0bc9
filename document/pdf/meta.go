// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
	"time"
)

// language is that of our documents.
const language = "en"

// Options is what stands around the text and in the properties of the file.
type Options struct {
	Title   string    // above each page
	Marking string    // classification, above and below each page
	AsOf    string    // state of what is said, below each page
	At      time.Time // the same as an instant, for the properties; zero where it is not known
	Version string    // of the program
}

// name is the title of the document in the properties; it leads with the marking, as that of the page does.
func (o *Options) name() string {
	if o.Marking == "" {
		return o.Title
	}
	return o.Marking + " – " + o.Title
}

func (o *Options) producer() string { return strings.TrimSpace("Breakwater " + o.Version) }

func (o *Options) info() string {
	s := "<< /Title " + textString(o.name()) + " /Producer " + textString(o.producer()) + " /Creator " + textString(o.producer())
	if !o.At.IsZero() {
		at := o.At.UTC().Format("20060102150405") + "Z"
		s += " /CreationDate (D:" + at + ") /ModDate (D:" + at + ")"
	}
	return s + " >>"
}

// metadata is the same for programs that read XMP.
func (o *Options) metadata() []byte {
	var b strings.Builder
	text := func(s string) string {
		var t strings.Builder
		_ = xml.EscapeText(&t, []byte(s)) // a builder takes all
		return t.String()
	}
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n" +
		"<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n")
	fmt.Fprintf(&b, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">%s</rdf:li></rdf:Alt></dc:title>\n<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>\n<dc:format>application/pdf</dc:format>\n", text(o.name()), language)
	fmt.Fprintf(&b, "<pdf:Producer>%[1]s</pdf:Producer>\n<xmp:CreatorTool>%[1]s</xmp:CreatorTool>\n", text(o.producer()))
	if !o.At.IsZero() {
		at := o.At.UTC().Format("2006-01-02T15:04:05Z")
		fmt.Fprintf(&b, "<xmp:CreateDate>%[1]s</xmp:CreateDate>\n<xmp:ModifyDate>%[1]s</xmp:ModifyDate>\n", at)
	}
	b.WriteString("</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return []byte(b.String())
}

// intent says what the colours of the file mean: those of sRGB.
func intent(f *file) string {
	id := f.id()
	f.stream(id, "/N 3", profile())
	return fmt.Sprintf("<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB IEC 61966-2-1) /DestOutputProfile %d 0 R >>", id)
}

// profile makes a colour profile for sRGB: its primaries, adapted to the white of profiles, and its curve.
func profile() []byte {
	fixed := func(b []byte, v ...float64) []byte {
		for _, x := range v {
			b = be.AppendUint32(b, uint32(int32(math.Round(x*65536))))
		}
		return b
	}
	text := func(tag, s string) []byte { return append([]byte(tag+"\x00\x00\x00\x00"), s...) }
	desc := be.AppendUint32(text("desc", ""), 5)
	desc = append(append(desc, "sRGB\x00"...), make([]byte, 78)...)
	curve := be.AppendUint32(text("curv", ""), 256)
	for i := range 256 {
		v := float64(i) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		curve = be.AppendUint16(curve, uint16(math.Round(v*65535)))
	}
	xyz := func(v ...float64) []byte { return fixed(text("XYZ ", ""), v...) }
	tags := []fontTable{
		{"desc", desc},
		{"cprt", text("text", "No copyright, use freely\x00")},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.4360, 0.2225, 0.0139)},
		{"gXYZ", xyz(0.3851, 0.7169, 0.0971)},
		{"bXYZ", xyz(0.1431, 0.0606, 0.7141)},
		{"rTRC", curve},
		{"gTRC", nil},
		{"bTRC", nil},
	}
	var table, data []byte
	start := 128 + 4 + 12*len(tags)
	var at, size int
	for _, t := range tags {
		if t.data != nil { // else the curve once more
			at, size = start+len(data), len(t.data)
			data = append(data, t.data...)
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
		}
		table = be.AppendUint32(be.AppendUint32(append(table, t.tag...), uint32(at)), uint32(size))
	}
	head := be.AppendUint32(nil, uint32(start+len(data)))
	head = append(head, "\x00\x00\x00\x00\x02\x10\x00\x00mntrRGB XYZ "...)
	head = append(head, "\x07\xd0\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00acsp"...)
	head = append(head, make([]byte, 28)...)
	head = append(fixed(head, 0.9642, 1, 0.8249), make([]byte, 48)...)
	head = be.AppendUint32(head, uint32(len(tags)))
	return append(append(head, table...), data...)
}
