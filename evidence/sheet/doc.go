// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package sheet reads inventories as ports keep them: CSV with any usual separator and encoding, and XLSX.
//
// A sheet is taken for an inventory when a row among its first twenty names at least two known columns, one of which
// identifies an asset. Columns are known by many spellings in five languages; unknown ones are named and passed over. An
// error in a row costs that row or cell and nothing else. A later row with the same serial number, MAC or tag as an
// earlier one of the same file replaces it, with a note.
//
// Memory is bounded: CSV is read row by row, XLSX is unpacked to at most a share of the memory given, and rows, columns
// and cells have limits that are reported when reached.
package sheet
