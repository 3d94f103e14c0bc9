// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

import (
	"strconv"
	"time"
)

// Instant is a moment in microseconds since 1970-01-01T00:00:00Z. Zero means "not known". Instants are integers so
// that both databases, the JSON lists and every comparison agree to the last digit.
type Instant int64

// At converts t to an Instant, rounding down to the microsecond. The zero time.Time gives the unknown Instant.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// Time converts i to UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Known says whether the instant is set.
func (i Instant) Known() bool { return i != 0 }

// String gives RFC 3339 in UTC with as many fraction digits as are needed, or "" where the instant is not known.
func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(time.RFC3339Nano)
}

// MarshalJSON writes the RFC 3339 form, or null where the instant is not known.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendQuote(nil, i.String()), nil
}

// UnmarshalJSON reads what [Instant.MarshalJSON] writes.
func (i *Instant) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*i = 0
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return err
	}
	*i = At(t)
	return nil
}

// Widen extends the span [first, last] by i; unknown instants leave it as it is.
func Widen(first, last *Instant, i Instant) {
	if i == 0 {
		return
	}
	if *first == 0 || i < *first {
		*first = i
	}
	if i > *last {
		*last = i
	}
}
