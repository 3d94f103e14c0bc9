// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package sheet reads inventories as ports keep them: CSV in any usual separator and encoding, and Excel workbooks
// (XLSX).
//
// A table is an inventory when one of its first rows names columns that identify devices (name, MAC, address, serial
// number, inventory tag), in English, German, French, Dutch or Spanish. Columns go by name, never by position. Each row
// becomes a declared asset, written to the ledger as [evidence.Ledger.Declare] writes it. What cannot be understood in a
// row is a problem with its row and column and costs that cell alone. A column without a known name is left out and
// named once. docs/spreadsheet-columns.md lists the names; it is generated from the tables of this package.
//
// Two rows that are the same device by tag, serial number or MAC: the later one replaces the earlier one and a problem
// names both, unless they list two interfaces of the device, which are joined, or contradict each other, when both stay.
//
// The reader streams. It holds the rows of one file in packed form until the end, up to half the memory it is given;
// beyond that, earlier rows are written out and can no longer be replaced. At most a million rows, 256 columns and 4 KiB
// a cell are read; what is beyond is named. Excel sheets too large for memory are unpacked into a temporary file, which
// [Kind.TempDir] places. A Kind has no state and may be used by many goroutines.
package sheet

//go:generate go test -run TestColumnsPage -update .
