// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package password

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// hashFile is a sorted file of hashes, searched by halving.
type hashFile struct {
	r    io.ReaderAt
	size int64
	io.Closer
}

// block is what is read at a time: more than two of the longest lines, so that it always holds a whole one.
const block = 4096

const longestLine = hashDigits + 23

// lineAt gives the first line that starts at or after offset at: its digits, where it starts and where the next one
// does. At the end of the file hash is nil.
func (h *hashFile) lineAt(buf []byte, at int64) (hash []byte, start, next int64, err error) {
	from := max(at-1, 0) // the byte before tells whether a line starts here
	n, err := h.r.ReadAt(buf[:min(int64(len(buf)), h.size-from)], from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, 0, err
	}
	b := buf[:n]
	start = from
	if at > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 || i > longestLine {
			if from+int64(n) >= h.size && i < 0 {
				return nil, h.size, h.size, nil
			}
			return nil, 0, 0, fmt.Errorf("the line at byte %d is no hash", at)
		}
		b, start = b[i+1:], from+int64(i)+1
	}
	if len(b) == 0 {
		return nil, h.size, h.size, nil
	}
	i := bytes.IndexByte(b, '\n')
	next = start + int64(i) + 1
	if i < 0 {
		i, next = len(b), h.size
	}
	line, ok := hashLine(b[:i], hashDigits)
	if !ok {
		return nil, 0, 0, fmt.Errorf("the line at byte %d is no hash", start)
	}
	upper(line)
	return line, start, next, nil
}

// check looks at places all over the file, which finds a file sorted by something else.
func (h *hashFile) check() error {
	const places = 64
	buf := make([]byte, block)
	var last []byte
	for i := range int64(places) {
		hash, start, next, err := h.lineAt(buf, h.size/places*i)
		if err != nil {
			return err
		}
		if hash == nil {
			break
		}
		if bytes.Compare(hash, last) < 0 {
			return fmt.Errorf("the file is not sorted by hash: the line at byte %d is less than one before it", start)
		}
		last = bytes.Clone(hash)
		if hash, _, _, err = h.lineAt(buf, next); err != nil {
			return err
		}
		if hash != nil && bytes.Compare(hash, last) < 0 {
			return fmt.Errorf("the file is not sorted by hash: the line at byte %d is less than the one before it", next)
		}
	}
	return nil
}

func (h *hashFile) contains(sum *[hashDigits]byte, _ string) (bool, error) {
	buf := make([]byte, block)
	low, high := int64(0), h.size // a line with the hash starts in [low, high)
	for low < high {
		mid := low + (high-low)/2
		hash, start, next, err := h.lineAt(buf, mid)
		if err != nil {
			return false, err
		}
		if hash == nil || start >= high { // no line starts in [mid, high)
			high = mid
			continue
		}
		switch c := bytes.Compare(hash, sum[:]); {
		case c == 0:
			return true, nil
		case c < 0:
			low = next
		default:
			high = mid
		}
	}
	return false, nil
}

// hashFolder is a folder with a file for each first five digits.
type hashFolder struct {
	root   *os.Root
	suffix string
}

const prefixDigits = 5

// mostRange bounds a file of a folder; real ones have some 40 kB.
const mostRange = 4 << 20

func openFolder(path string) (*hashFolder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, errors.New("the folder cannot be opened")
	}
	for _, suffix := range []string{".txt", ""} {
		d := &hashFolder{root, suffix}
		_, err := d.read("00000")
		if err == nil {
			if _, err = d.read("FFFFF"); err != nil {
				root.Close()
				return nil, errors.New("the folder is not whole: its first file is there and FFFFF" + suffix + " is not")
			}
			return d, nil
		}
	}
	root.Close()
	return nil, errors.New("the folder has no file 00000.txt")
}

func (d *hashFolder) read(prefix string) ([]byte, error) {
	f, err := d.root.Open(prefix + d.suffix)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostRange+1))
	if err == nil && len(b) > mostRange {
		err = fmt.Errorf("%s%s is larger than such a file can be", prefix, d.suffix)
	}
	return b, err
}

func (d *hashFolder) contains(sum *[hashDigits]byte, _ string) (bool, error) {
	b, err := d.read(string(sum[:prefixDigits]))
	if errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%s%s is missing", sum[:prefixDigits], d.suffix)
	}
	if err != nil {
		return false, err
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		hash, ok := hashLine(line, hashDigits-prefixDigits)
		if !ok {
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			return false, fmt.Errorf("%s%s has a line that is no hash", sum[:prefixDigits], d.suffix)
		}
		upper(hash)
		if bytes.Equal(hash, sum[prefixDigits:]) && !bytes.HasSuffix(bytes.TrimSuffix(line, []byte("\r")), []byte(":0")) { // padding has the count 0
			return true, nil
		}
	}
	return false, nil
}

// Close gives the folder back.
func (d *hashFolder) Close() error { return d.root.Close() }
