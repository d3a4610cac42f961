"""Prints each face of a running fer_live.

fer-live run --ws 8765
python websocket_client.py [ws://127.0.0.1:8765/?fps=10]
"""

import json
import sys

from websockets.sync.client import connect


def main(address: str) -> None:
    with connect(address) as client:
        for message in map(json.loads, client):
            if message["kind"] == "frame":
                for face in message["faces"]:
                    print(f"{message['time_s']:.2f} s  #{face['id']}  {face['label']}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:] or ["ws://127.0.0.1:8765/?fps=10"])
