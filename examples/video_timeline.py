"""Prints when the label of each face in a video changes: python video_timeline.py clip.mp4"""

import sys

import fer_live


def main(path: str) -> None:
    last: dict[int, str] = {}
    for result in fer_live.stream(path, every_frame=True):
        for face in result.faces:
            if face.label is not None and last.get(face.track_id) != face.label:
                last[face.track_id] = face.label
                print(f"{result.frame.time_s:7.2f} s  face {face.track_id}: {face.label}")


if __name__ == "__main__":
    main(sys.argv[1])
