// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"encoding/json"
	"regexp"
	"slices"
	"time"
)

var (
	keptError = regexp.MustCompile(`^[a-z ]{1,80}$`)
	keptValue = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9 _/{}.µ:+-]{0,63}$`)
	// address is what looks like one, of a network or of a machine.
	address = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]{2}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}`)
)

// Again judges a line of what is kept once more, as it is taken into a bundle: what has not the form in which this package
// writes it is left out.
func Again(line []byte) ([]byte, bool) {
	var e map[string]any
	if json.Unmarshal(line, &e) != nil {
		return nil, false
	}
	out := map[string]any{}
	for k, v := range e {
		text, isText := v.(string)
		switch k {
		case "time":
			if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
				continue
			}
		case "level":
			if !slices.Contains([]string{"INFO", "WARN", "ERROR"}, text) {
				continue
			}
		case "msg":
			if !safeMessage.MatchString(text) {
				continue
			}
		case "error", "errno":
			if !keptError.MatchString(text) {
				continue
			}
		case "took", "after", "until":
			if isText && (!keptValue.MatchString(text) || address.MatchString(text)) {
				if _, err := time.Parse(time.RFC3339, text); err != nil {
					continue
				}
			}
		default:
			if !slices.Contains(safe, k) || isText && !safeText.MatchString(text) {
				continue
			}
		}
		switch v.(type) {
		case string, float64, bool:
			out[k] = v
		}
	}
	b, err := json.Marshal(out)
	return b, err == nil && out["msg"] != nil
}
