package main

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/bougou/go-ipmi/pkg/hal"
)

// serialPort is the machine's end of the console: what it prints waits until the BMC reads it, what is typed is kept.
type serialPort struct {
	mu      sync.Mutex
	open    bool
	printed []byte
	typed   []byte
	breaks  int
	// most characters that it takes at once
	most int
}

func (p *serialPort) print(bytes []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printed = append(p.printed, bytes...)
}

func (p *serialPort) state() (string, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return hex.EncodeToString(p.typed), p.breaks
}

func (p *serialPort) Open(context.Context) (hal.ConsoleConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		return nil, errors.New("the serial port is open already")
	}
	p.open = true
	return p, nil
}

func (p *serialPort) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = false
	return nil
}

func (p *serialPort) ReadAvailable(buffer []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := copy(buffer, p.printed)
	p.printed = p.printed[count:]
	return count, nil
}

func (p *serialPort) Write(bytes []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := min(len(bytes), p.most)
	p.typed = append(p.typed, bytes[:count]...)
	return count, nil
}

func (p *serialPort) SendBreak(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.breaks++
	return nil
}
