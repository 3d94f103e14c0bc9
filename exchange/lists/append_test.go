// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"breakwater/harbour"

	"pgregory.net/rapid"
)

// texts are strings that encoders treat in different ways.
var texts = rapid.OneOf(
	rapid.SampledFrom([]string{"", "a-1", "<&>", `"\`, "\x00\x1f\x7f\b\f\n\r\t", "\xff\xc3", "Zoë 港 😀", "\u2028\u2029\ufffd", "[", "{", ","}),
	rapid.String(), rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) }),
)

// fill gives every field of v some value, so that a field that one of the encoders does not know is noticed. Lists are
// never nil: those are compared with empty ones elsewhere.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 2).Draw(t, "n")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.String:
		v.SetString(texts.Draw(t, "s"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "b"))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Byte().Draw(t, "u")))
	case reflect.Int, reflect.Int64:
		if v.Type() == reflect.TypeFor[harbour.Instant]() {
			// From the year 0 to 9999, as far as the form goes.
			v.SetInt(rapid.OneOf(rapid.Just[int64](0), rapid.Int64Range(-62_167_219_200_000_000, 253_402_300_799_999_999)).Draw(t, "instant"))
			return
		}
		v.SetInt(rapid.Int64().Draw(t, "i"))
	default:
		t.Fatalf("no value for %v", v.Type())
	}
}

func compare[T any](t *testing.T, one func(*object, *T)) {
	rapid.Check(t, func(t *rapid.T) {
		var v T
		fill(t, reflect.ValueOf(&v).Elem())
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(&v); err != nil {
			t.Fatal(err)
		}
		var o object
		o.open()
		one(&o, &v)
		o.close()
		if got, want := string(o.b), strings.TrimSuffix(want.String(), "\n"); got != want {
			t.Errorf("line = %s\nwant   %s", got, want)
		}
	})
}

func TestAppend(t *testing.T) {
	t.Run("conversation", func(t *testing.T) { compare(t, appendConversation) })
	t.Run("operation", func(t *testing.T) { compare(t, appendOperation) })
	t.Run("asset", func(t *testing.T) { compare(t, appendAsset) })
}
