#!/usr/bin/env python3
"""A realtime service for loopback tests, on the PyPI package `websockets`: the wire format, and orders from the test on standard input.

    server.py [--port N] [--tls]

Prints one JSON line when it listens ({"port": ..., "certificate": path or null}) and one per thing that happens. Orders, one JSON line each:
{"do": "close", "code": 4001, "reason": "..."} closes every client. End of input ends the server.
"""

import argparse
import asyncio
import datetime
import ipaddress
import json
import ssl
import sys
import tempfile
import time
import urllib.parse

try:
    import websockets.asyncio.server as ws
except ImportError:
    sys.exit("the Python package `websockets` (14 or newer) is missing: python3 -m pip install websockets cryptography")


def say(**fields):
    print(json.dumps(fields), flush=True)


clients = set()
channels = {}


async def serve(client):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(client.request.path).query)
    say(what="open", path=client.request.path, key=query.get("key"), token=query.get("token"))
    clients.add(client)
    metadata = {"iceServers": [{"urls": ["stun:stun.example.test"]}]}
    await client.send(json.dumps({
        "type": "welcome", "peerId": "p%d" % len(clients), "expiresAt": None, "serverTime": int(time.time() * 1000),
        "maxMessageSize": 65536, "metadata": metadata}))
    try:
        async for text in client:
            await answer(client, json.loads(text))
    finally:
        clients.discard(client)
        for members in channels.values():
            members.discard(client)
        say(what="closed", code=client.close_code, reason=client.close_reason)


async def answer(client, frame):
    say(what="frame", frame=frame)
    kind, request = frame["type"], frame.get("requestId")
    if kind == "ping":
        return await client.send(json.dumps({"type": "pong"}))
    if kind == "send" and frame["to"] == "nobody":
        return await client.send(json.dumps({"type": "error", "code": "peer_not_found", "requestId": request}))
    await client.send(json.dumps({"type": "ack", "requestId": request}))
    if kind == "subscribe":
        channels.setdefault(frame["channel"], set()).add(client)
        joined = [{"peerId": "p1"}]
        await client.send(json.dumps({"type": "presence", "channel": frame["channel"], "joined": joined, "left": []}))
    elif kind == "publish":
        message = {"type": "message", "channel": frame["channel"], "from": "p1", "data": frame["data"]}
        for member in channels.get(frame["channel"], ()):
            await member.send(json.dumps(message, ensure_ascii=False))


async def reject(connection, request):
    if "key=forbidden" in request.path:
        return connection.respond(401, "no\n")


def certificate():
    """A certificate for `localhost` only, signed by itself, made anew for each run."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256()))
    with tempfile.NamedTemporaryFile(suffix=".pem", delete=False) as file:
        file.write(built.public_bytes(serialization.Encoding.PEM))
    with tempfile.NamedTemporaryFile(suffix=".key") as private:
        private.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        private.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name, private.name)
    return file.name, context


async def orders():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        for client in list(clients):
            await client.close(order["code"], order["reason"])


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    arguments = parser.parse_args()
    path, context = certificate() if arguments.tls else (None, None)
    async with ws.serve(
            serve, "127.0.0.1", arguments.port, ssl=context, process_request=reject, ping_interval=None, close_timeout=1) as server:
        say(port=server.sockets[0].getsockname()[1], certificate=path)
        await orders()


asyncio.run(main())
