// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import "encoding/json"

// Format and Version stand at the head of every manifest. A verifier refuses any other version.
const (
	Format  = "breakwater evidence pack"
	Version = 1
)

// The files of a pack. Those below evidence/ follow.
const (
	ManifestFile     = "manifest.json"
	SignatureFile    = "manifest.sig"
	KeyFile          = "key.txt"
	CheckpointFile   = "checkpoint.txt"
	EarlierFile      = "earlier.jsonl"
	ObjectsFile      = "objects.jsonl"
	ObservationsFile = "observations.jsonl"
	EvidenceFile     = "evidence.jsonl"
	CustodyFile      = "custody.jsonl"
	AuditFile        = "audit.jsonl"
	ReadmeFile       = "README.txt"
)

// What of the cited evidence a pack holds.
const (
	Nothing = "none"   // its hash alone
	Slices  = "slices" // the places that are cited, with secrets masked
	Whole   = "whole"  // the bytes as they were given, with whatever secrets they hold
)

// Manifest says what a pack is and names every other file of it. It is signed.
type Manifest struct {
	Format           string    `json:"format"`
	Version          int       `json:"version"`
	ID               string    `json:"id"`
	Program          string    `json:"program"`
	Organisation     string    `json:"organisation"`
	OrganisationName string    `json:"organisation_name"`
	Generation       int64     `json:"generation"` // of the harbour, as it was shown when the pack was made
	MadeAt           string    `json:"made_at"`    // RFC 3339, UTC
	MadeBy           Person    `json:"made_by"`
	Reason           string    `json:"reason"`
	For              string    `json:"for"`
	Classification   string    `json:"classification"`
	Contents         string    `json:"contents"` // Nothing, Slices or Whole
	Selection        Selection `json:"selection"`
	Key              string    `json:"key"` // fingerprint of the key that signed
	Tree             Tree      `json:"tree"`
	Counts           Counts    `json:"counts"`
	Files            []File    `json:"files"`    // sorted by name
	LeftOut          []string  `json:"left_out"` // what is not in the pack although it was asked for, and why
}

// Person is who made the pack.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Via  string `json:"via"` // session, token, command
}

// Selection is what was asked for.
type Selection struct {
	Everything bool     `json:"everything"`
	Assets     []string `json:"assets"`
	Findings   []string `json:"findings"`
	Evidence   []string `json:"evidence"`
	AuditFrom  string   `json:"audit_from"` // RFC 3339, "" for none
	AuditUntil string   `json:"audit_until"`
}

// Tree is the state of the audit log that the proofs lead to.
type Tree struct {
	Size int64  `json:"size"`
	Root string `json:"root"` // 64 lower-case hexadecimal digits, as all hashes of the format
}

// Counts are the numbers of lines.
type Counts struct {
	Objects      int64 `json:"objects"`
	Observations int64 `json:"observations"`
	Evidence     int64 `json:"evidence"`
	Custody      int64 `json:"custody"`
	Entries      int64 `json:"entries"`
	Earlier      int64 `json:"earlier"`
}

// File is one file of the pack.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Object is a line of objects.jsonl: an asset, a finding or an evidence as it was shown.
type Object struct {
	Kind  string          `json:"kind"`
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// Observation is a line of observations.jsonl: one place that one statement about an object rests on.
type Observation struct {
	Kind       string `json:"kind"` // of the object
	Object     string `json:"object"`
	Statement  string `json:"statement"`
	Value      string `json:"value"`
	Declared   bool   `json:"declared"`
	Confidence int    `json:"confidence"` // 0 to 100
	Evidence   string `json:"evidence"`   // id, or ByPerson
	Locator    string `json:"locator"`    // place in the evidence
}

// ByPerson stands for the evidence of what a person stated; its proof is the entry of the audit log.
const ByPerson = "statement"

// Evidence is a line of evidence.jsonl: an evidence that something in the pack rests on.
type Evidence struct {
	ID     string  `json:"id"` // "e-" and the first 16 digits of the hash
	Name   string  `json:"name"`
	Kind   string  `json:"kind"`
	SHA256 string  `json:"sha256"`
	Bytes  int64   `json:"bytes"`
	State  string  `json:"state"`
	Given  string  `json:"given"` // Nothing, Slices or Whole
	Slices []Slice `json:"slices"`
}

// Slice is a file below evidence/ that was cut from an evidence.
type Slice struct {
	File   string   `json:"file"`
	Frames []uint64 `json:"frames"` // the k-th frame of a pcap file is frame Frames[k] of the whole
	Masked []uint64 `json:"masked"` // frames in which a secret is replaced by asterisks
	Places []string `json:"places"` // the k-th line of a JSON Lines file shows the place Places[k] of the whole
}

// Custody is a line of custody.jsonl: an entry of the chain of custody of an evidence.
type Custody struct {
	Evidence string `json:"evidence"`
	At       string `json:"at"`
	Who      string `json:"who"`
	Act      string `json:"act"`
	Detail   string `json:"detail"`
}

// Entry is a line of audit.jsonl: an entry of the audit log, byte by byte as it was hashed, with the proof that the log
// whose root is in the manifest holds it.
type Entry struct {
	Seq    int64    `json:"seq"`
	Record string   `json:"record"`
	Proof  []string `json:"proof"`
}

// Earlier is a line of earlier.jsonl: an earlier state of the log, with the proof that the log goes on from it.
type Earlier struct {
	Size  int64    `json:"size"`
	Root  string   `json:"root"`
	Note  string   `json:"note"` // its signed checkpoint, "" where a witness knew the figures alone
	Proof []string `json:"proof"`
}

// WholeFile is where the bytes of an evidence are.
func WholeFile(evidence string) string { return "evidence/" + evidence + "/whole" }

// SliceFile is where the n-th slice of an evidence is; end is pcap or jsonl.
func SliceFile(evidence string, n int, end string) string {
	return "evidence/" + evidence + "/slice-" + string(rune('0'+n)) + "." + end
}
