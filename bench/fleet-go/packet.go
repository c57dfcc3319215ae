package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Payload types of RMCP+ (IPMI 2.0 table 13-16).
const (
	payloadIPMI  = 0x00
	openRequest  = 0x10
	openResponse = 0x11
	rakp1        = 0x12
	rakp2        = 0x13
	rakp3        = 0x14
	rakp4        = 0x15
)

// suite is one cipher suite of IPMI 2.0 table 22-20; both use AES-CBC-128.
type suite struct {
	id, authentication, integrity byte
	hash                          func() hash.Hash
	hashBytes, icvBytes           int
}

var (
	suite3  = &suite{3, 1, 1, sha1.New, 20, 12}
	suite17 = &suite{17, 3, 4, sha256.New, 32, 16}
	suites  = []*suite{suite17, suite3}
)

func (s *suite) mac(key []byte, parts ...[]byte) []byte {
	m := hmac.New(s.hash, key)
	for _, part := range parts {
		m.Write(part)
	}
	return m.Sum(nil)
}

var rmcpHeader = []byte{0x06, 0x00, 0xff, 0x07}

// encodePlain wraps an answer outside of a session in an IPMI 1.5 header.
func encodePlain(out, payload []byte) []byte {
	out = append(out, rmcpHeader...)
	out = append(out, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(payload)))
	return append(out, payload...)
}

func encodeHeader(out []byte, payloadType byte, id, sequence uint32, length int) []byte {
	out = append(out, rmcpHeader...)
	out = append(out, 0x06, payloadType)
	out = binary.LittleEndian.AppendUint32(out, id)
	out = binary.LittleEndian.AppendUint32(out, sequence)
	return binary.LittleEndian.AppendUint16(out, uint16(length))
}

// encodeSessionless is for handshake messages.
func encodeSessionless(out []byte, payloadType byte, payload []byte) []byte {
	return append(encodeHeader(out, payloadType, 0, 0, len(payload)), payload...)
}

// seal encrypts and signs an IPMI answer for the console of an active session.
func (s *session) seal(out, payload []byte) []byte {
	pad := (aes.BlockSize - (len(payload)+1)%aes.BlockSize) % aes.BlockSize
	plain := append(s.scratch[:0], payload...)
	for n := 1; n <= pad; n++ {
		plain = append(plain, byte(n))
	}
	plain = append(plain, byte(pad))
	s.scratch = plain
	s.outbound++
	out = encodeHeader(out, 0xc0|payloadIPMI, s.consoleID, s.outbound, aes.BlockSize+len(plain))
	iv := out[len(out) : len(out)+aes.BlockSize]
	fillRandom(iv)
	out = out[:len(out)+aes.BlockSize]
	body := out[len(out) : len(out)+len(plain)]
	cipher.NewCBCEncrypter(s.block, iv).CryptBlocks(body, plain)
	out = out[:len(out)+len(plain)]
	// The covered bytes come in multiples of four, pad length and next header included (IPMI 2.0 §13.28.4).
	covered := len(out) - 4
	integrityPad := (4 - (covered+2)%4) % 4
	for n := 0; n < integrityPad; n++ {
		out = append(out, 0xff)
	}
	out = append(out, byte(integrityPad), 0x07)
	s.signer.Reset()
	s.signer.Write(out[4:])
	return append(out, s.signer.Sum(s.sum[:0])[:s.suite.icvBytes]...)
}

// open checks and decrypts what follows the RMCP header of a session's packet; nil: not to be heeded.
func (s *session) open(body []byte) []byte {
	end := 12 + int(binary.LittleEndian.Uint16(body[10:]))
	pad := (4 - (end+2)%4) % 4
	covered := end + pad + 2
	if body[1] != 0xc0|payloadIPMI || len(body) != covered+s.suite.icvBytes {
		return nil
	}
	s.signer.Reset()
	s.signer.Write(body[:covered])
	if !hmac.Equal(body[covered:], s.signer.Sum(s.sum[:0])[:s.suite.icvBytes]) {
		return nil
	}
	if !s.window.accept(binary.LittleEndian.Uint32(body[6:])) {
		return nil
	}
	sealed := body[12:end]
	if len(sealed) < 2*aes.BlockSize || len(sealed)%aes.BlockSize != 0 {
		return nil
	}
	plain := sealed[aes.BlockSize:]
	cipher.NewCBCDecrypter(s.block, sealed[:aes.BlockSize]).CryptBlocks(plain, plain)
	trailer := int(plain[len(plain)-1]) + 1
	if trailer > aes.BlockSize || trailer > len(plain) {
		return nil
	}
	return plain[:len(plain)-trailer]
}

// window is which sequence numbers are still welcome: each once, 16 ahead to 15 behind (IPMI 2.0 §6.12.13).
type window struct {
	highest uint32
	seen    uint32
}

func (w *window) accept(sequence uint32) bool {
	ahead := int64(sequence) - int64(w.highest)
	if sequence == 0 || ahead > 16 || ahead < -15 {
		return false
	}
	if ahead > 0 {
		w.seen = w.seen<<uint(ahead) | 1
		w.highest = sequence
		return true
	}
	bit := uint32(1) << uint(-ahead)
	if w.seen&bit != 0 || (w.highest == 0 && ahead == 0) {
		return false
	}
	w.seen |= bit
	return true
}

func checksum(bytes []byte) byte {
	var sum byte
	for _, one := range bytes {
		sum += one
	}
	return -sum
}
