"""An aioice agent for the loopback tests: parameters and candidates as lines of JSON, then every datagram is sent back with "echo:" in front."""

import argparse
import asyncio
import json
import sys

import aioice
import aioice.ice
from aioice import Candidate, Connection, TransportPolicy

# aioice leaves loopback out, and other interfaces may not exist.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def say(**values):
    print(json.dumps(values), flush=True)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--controlling", action="store_true")
    parser.add_argument("--turn-port", type=int)
    parser.add_argument("--user")
    parser.add_argument("--password")
    options = parser.parse_args()
    turn = {}
    if options.turn_port:
        turn = dict(
            turn_server=("127.0.0.1", options.turn_port),
            turn_username=options.user,
            turn_password=options.password,
            transport_policy=TransportPolicy.RELAY,
        )
    connection = Connection(ice_controlling=options.controlling, **turn)
    await connection.gather_candidates()
    say(
        ufrag=connection.local_username,
        pwd=connection.local_password,
        candidates=[candidate.to_sdp() for candidate in connection.local_candidates],
    )
    remote = json.loads(await asyncio.to_thread(sys.stdin.readline))
    connection.remote_username = remote["ufrag"]
    connection.remote_password = remote["pwd"]
    for candidate in remote["candidates"]:
        await connection.add_remote_candidate(Candidate.from_sdp(candidate))
    await connection.add_remote_candidate(None)
    try:
        await connection.connect()
    except ConnectionError as error:
        say(error=str(error))
        return
    say(connected=True)
    while True:
        try:
            data = await connection.recv()
        except ConnectionError:
            return
        await connection.send(b"echo:" + data)


asyncio.run(main())
