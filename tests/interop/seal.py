#!/usr/bin/env python3
"""Second implementation of the seal, from the text of docs/WIRE.md, to check the first one (src/lib/seal).

    python3 tests/interop/seal.py generate > tests/vectors/seal.json   freezes our own vectors
    python3 tests/interop/seal.py run < cases.json                     computes any cases (the interop test does this)

Needs Debian's python3-cryptography (38 or later). That has no ML-KEM: its values come in as input.
It is written straight down, message by message, on purpose: no pattern tables, nothing shared with the first one.
Both ends are computed from their own private keys, and compared.
"""
import base64
import hashlib
import hmac
import json
import os
import sys

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAMES = {
    ("link", 1): b"Noise_IK_P256_AESGCM_SHA256",
    ("link", 2): b"Noise_IKhfs_P256+MLKEM768_AESGCM_SHA256",
    ("pair", 1): b"Noise_IKpsk2_P256_AESGCM_SHA256",
}


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A P-256 key pair from its scalar."""

    def __init__(self, scalar):
        self.private = ec.derive_private_key(int(scalar, 16), ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def dh(self, point):
        return self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))


def hkdf(chaining_key, material, count):
    temporary = mac(chaining_key, material)
    outputs = [b""]
    for index in range(count):
        outputs.append(mac(temporary, outputs[-1] + bytes([index + 1])))
    return outputs[1:]


def nonce(counter):
    return b"\0\0\0\0" + counter.to_bytes(8, "big")


class Transcript:
    """ck, h, k and n of one end."""

    def __init__(self, name, prologue):
        self.h = name + bytes(32 - len(name)) if len(name) <= 32 else sha256(name)
        self.ck = self.h
        self.k = None
        self.n = 0
        self.absorb(prologue)

    def absorb(self, data):
        self.h = sha256(self.h + data)

    def stir(self, secret):
        self.ck, self.k = hkdf(self.ck, secret, 2)
        self.n = 0

    def stir_psk(self, psk):
        self.ck, extra, key = hkdf(self.ck, psk, 3)
        self.absorb(extra)
        self.k, self.n = key, 0

    def encrypt(self, plain):
        sealed = AESGCM(self.k).encrypt(nonce(self.n), plain, self.h)
        self.n += 1
        self.absorb(sealed)
        return sealed

    def decrypt(self, sealed):
        plain = AESGCM(self.k).decrypt(nonce(self.n), sealed, self.h)
        self.n += 1
        self.absorb(sealed)
        return plain

    def split(self):
        return hkdf(self.ck, b"", 2)


def header(kind, sequence):
    return bytes([1, kind]) + sequence.to_bytes(8, "big")


def handshake(case):
    pairing, suite = case["kind"] == "pair", case["suite"]
    name = NAMES[case["kind"], suite]
    prologue = b"SMPS/1|" + name + b"|" + case["host"].encode()
    operator, agent = Key(case["operatorStatic"]), Key(case["agentStatic"])
    e, r = Key(case["operatorEphemeral"]), Key(case["agentEphemeral"])
    kem = {field: bytes.fromhex(value) for field, value in case.get("kem", {}).items()}
    code = bytes.fromhex(case.get("code", ""))
    psk = mac(code, b"SMPS/1|psk") if pairing else None
    code_id = mac(code, b"SMPS/1|code-id")[:8] if pairing else b""

    # The operator writes message 1.
    o = Transcript(name, prologue)
    o.absorb(agent.public)
    o.absorb(e.public)
    if pairing:
        o.stir(e.public)
    o.stir(e.dh(agent.public))
    first = e.public
    if suite == 2:
        first += o.encrypt(kem["publicKey"])
    first += o.encrypt(operator.public)
    o.stir(operator.dh(agent.public))
    first += o.encrypt(b"")

    # The agent reads message 1.
    a = Transcript(name, prologue)
    a.absorb(agent.public)
    point, rest = first[:65], first[65:]
    a.absorb(point)
    if pairing:
        a.stir(point)
    a.stir(agent.dh(point))
    if suite == 2:
        assert a.decrypt(rest[:1200]) == kem["publicKey"]
        rest = rest[1200:]
    static = a.decrypt(rest[:81])
    assert static == operator.public
    a.stir(agent.dh(static))
    assert a.decrypt(rest[81:]) == b""

    # The agent writes message 2.
    a.absorb(r.public)
    if pairing:
        a.stir(r.public)
    a.stir(r.dh(point))
    second = r.public
    if suite == 2:
        second += a.encrypt(kem["ciphertext"])
        a.stir(kem["shared"])
    a.stir(r.dh(static))
    if pairing:
        a.stir_psk(psk)
    second += a.encrypt(b"")

    # The operator reads message 2.
    answer, rest = second[:65], second[65:]
    o.absorb(answer)
    if pairing:
        o.stir(answer)
    o.stir(e.dh(answer))
    if suite == 2:
        assert o.decrypt(rest[:1104]) == kem["ciphertext"]
        rest = rest[1104:]
        o.stir(kem["shared"])
    o.stir(operator.dh(answer))
    if pairing:
        o.stir_psk(psk)
    assert o.decrypt(rest) == b""
    assert o.h == a.h and o.split() == a.split()

    hello = header(5 if pairing else 1, 0) + bytes([suite]) + code_id + first
    welcome = header(6 if pairing else 2, 0) + second
    return hello, welcome, o.h, o.split(), psk, code_id


def records(steps, keys):
    """Each step is {"from", "plain"} or {"from", "rekey": true}; DATA records of each direction count from 0."""
    state = {"operator": [keys[0], 0], "agent": [keys[1], 0]}
    out = []
    for step in steps:
        side = state[step["from"]]
        if step.get("rekey"):
            side[0] = AESGCM(side[0]).encrypt(b"\0\0\0\0" + b"\xff" * 8, bytes(32), b"")[:32]
            out.append(step)
            continue
        head = header(3, side[1])
        sealed = AESGCM(side[0]).encrypt(nonce(side[1]), bytes.fromhex(step["plain"]), head)
        out.append({**step, "record": (head + sealed).hex()})
        side[1] += 1
    return out


def run(case):
    hello, welcome, h, keys, psk, code_id = handshake(case)
    number = "%08d" % (int.from_bytes(mac(h, b"SMPS/1|check")[:8], "big") % 10**8)
    agent = Key(case["agentStatic"]).public
    out = {
        "operatorPublic": Key(case["operatorStatic"]).public.hex(),
        "agentPublic": agent.hex(),
        "hello": hello.hex(),
        "welcome": welcome.hex(),
        "handshakeHash": h.hex(),
        "checkNumber": number[:4] + " " + number[4:],
        "operatorToAgentKey": keys[0].hex(),
        "agentToOperatorKey": keys[1].hex(),
        "records": records(case["records"], keys),
    }
    if psk:
        out["psk"] = psk.hex()
        out["codeId"] = code_id.hex()
        out["ticket"] = ".".join([case["host"], b64(agent), b64(bytes.fromhex(case["code"]))])
    return {**case, **out}


def scalar(label):
    return sha256(b"SMPS/1 test vector|" + label.encode()).hex()


def generate():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../vectors/ml-kem-768.json"), encoding="utf-8") as file:
        kem = json.load(file)
    del kem["comment"]
    steps = [
        {"from": "operator", "plain": ""},
        {"from": "operator", "plain": "01000000000041"},
        {"from": "agent", "plain": (b"SMPS" * 16).hex()},
        {"from": "operator", "rekey": True},
        {"from": "operator", "plain": "0700000000"},
        {"from": "agent", "plain": "00"},
        {"from": "agent", "rekey": True},
        {"from": "agent", "plain": bytes(range(256)).hex()},
        {"from": "agent", "rekey": True},
        {"from": "agent", "plain": "ff"},
    ]
    cases = []
    for kind, suite, host in [("link", 1, "n1"), ("link", 2, "host.example-2"), ("pair", 1, "a.b_c-d.9")]:
        case = {"kind": kind, "suite": suite, "host": host}
        for part in ["operatorStatic", "operatorEphemeral", "agentStatic", "agentEphemeral"]:
            case[part] = scalar("%s %d %s" % (kind, suite, part))
        if suite == 2:
            case["kem"] = kem
        if kind == "pair":
            case["code"] = scalar("code")[:32]
        case["records"] = steps
        cases.append(case)
    return {
        "comment": "SMPS/1 seal vectors, made by tests/interop/seal.py (see there). Hex but for texts. Private keys are P-256 scalars.",
        "cases": [run(case) for case in cases],
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["generate"]:
        result = generate()
    elif sys.argv[1:] == ["run"]:
        result = [run(case) for case in json.load(sys.stdin)]
    else:
        sys.exit(__doc__)
    json.dump(result, sys.stdout, indent=1)
    print()
