// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "fmt"

// NMEA closes a sentence with its checksum.
func NMEA(start byte, body string) []byte {
	var c byte
	for i := range len(body) {
		c ^= body[i]
	}
	return fmt.Appendf(nil, "%c%s*%02X\r\n", start, body, c)
}

// AISPosition builds message 1 of ITU-R M.1371, a vessel's position report, as a sentence. Latitude and longitude are
// in 1/10000 minute, speed in 1/10 knot, course in 1/10 degree.
func AISPosition(mmsi uint32, lat, lon int32, speed, course uint16, sec byte) []byte {
	var bits []byte
	put := func(v uint32, n int) {
		for i := n - 1; i >= 0; i-- {
			bits = append(bits, byte(v>>i&1))
		}
	}
	put(1, 6)
	put(0, 2)
	put(mmsi, 30)
	put(0, 4)
	put(128, 8) // rate of turn not available
	put(uint32(speed), 10)
	put(1, 1)
	put(uint32(lon), 28)
	put(uint32(lat), 27)
	put(uint32(course), 12)
	put(uint32(course/10), 9)
	put(uint32(sec), 6)
	put(0, 25) // manoeuvre, spare, RAIM, radio state
	text := make([]byte, 0, 28)
	for i := 0; i < len(bits); i += 6 {
		v := byte(0)
		for _, b := range bits[i : i+6] {
			v = v<<1 | b
		}
		if v += 48; v > 87 {
			v += 8
		}
		text = append(text, v)
	}
	return NMEA('!', fmt.Sprintf("AIVDM,1,1,,A,%s,0", text))
}
