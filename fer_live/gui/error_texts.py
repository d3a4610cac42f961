"""Sentences of the parts below the window, in the window's language: errors and the like.

Those parts know nothing of Qt and speak English: to the command line, to logs and to other
programs. The window recognises their sentences; one that it does not know stays English.
"""

import re
from functools import cache
from typing import NamedTuple

from PySide6.QtCore import QLocale

from fer_live.core.errors import FerLiveError
from fer_live.gui.language import tr, tr_later, translated

SENTENCES = (
    # Cameras and other sources
    tr_later("{camera} was not found."),
    tr_later("{cameras} Plug one in, or use a video file or the demo."),
    tr_later("There are: {cameras}."),
    tr_later("No camera was found."),
    tr_later("No camera was found here."),
    tr_later("Plug one in, open a file or play the demo."),
    tr_later("Cameras here: {cameras}."),
    tr_later("There is no camera {name}."),
    tr_later("There is no camera on this computer."),
    tr_later("Several cameras are called {name}."),
    tr_later("Choose one by its index: {cameras}."),
    tr_later("{camera} did not start within {time} seconds: another program may be using it."),
    tr_later("{camera} opens but gives no picture: another program is probably using it."),
    tr_later("{camera} is held by another program."),
    tr_later(
        "{camera} is there but cannot be started: another program is probably using it, or "
        "the use of cameras is not allowed."
    ),
    tr_later("Close the other program (a video call, a browser tab, another fer-live) and retry."),
    tr_later("Or allow desktop apps: Settings, Privacy, Camera."),
    tr_later(
        "Allow the camera when macOS asks, or in System Settings, Privacy & Security, "
        "Camera; then retry."
    ),
    tr_later("There is no permission to use {camera}."),
    tr_later("Add yourself to the group 'video' (sudo usermod -aG video $USER), log in again."),
    tr_later("A camera cannot give {size} at {fps} fps."),
    tr_later("Choose a size and a rate above zero."),
    tr_later("{name} is no pixel format."),
    tr_later("Give its four characters, such as MJPG or YUYV, or nothing."),
    tr_later("The camera check was stopped."),
    tr_later("Start it again."),
    tr_later("{source} stopped giving pictures."),
    tr_later("It may be unplugged or disconnected; it is picked up again when it returns."),
    tr_later("{source} gave no picture for {time} seconds."),
    tr_later("{source} has given no picture for {time} seconds."),
    tr_later("Check that it is connected and not in use elsewhere; it is tried again."),
    tr_later("Check that it is connected; it is picked up again when it returns."),
    tr_later("{source} still hangs from the last time."),
    tr_later("Unplug it and plug it in again."),
    tr_later("{source} failed: {reason}."),
    tr_later("Choose another source."),
    tr_later("Opening {source} was interrupted."),
    tr_later("Pictures of the kind {kind} cannot be used."),
    tr_later("Choose another format or source."),
    tr_later("There is no source {name}."),
    tr_later("The demo's picture is missing or damaged."),
    tr_later("The installation is incomplete: install fer-live again."),
    tr_later("The demo cannot be {size} at {fps} fps."),
    tr_later("Choose {least} to {most} pixels and at most 1000 fps."),
    tr_later("The demo cannot show {number} faces."),
    tr_later("Choose 0 to {most} faces."),
    tr_later("The demo has no option {option}."),
    tr_later("Its options are numbers: {options}, as in demo?faces=4&width=640&height=360."),
    tr_later("{name} is no camera."),
    # The camera check
    tr_later("Camera"),
    tr_later("Size"),
    tr_later("Rate as granted"),
    tr_later("Format"),
    tr_later("True rate"),
    tr_later("Jitter"),
    tr_later("Brightness"),
    tr_later("Exposure"),
    tr_later("Driver to program"),
    tr_later("Program to label"),
    tr_later("{granted}, {asked} was asked for"),
    tr_later("{figure} fps"),
    tr_later("{figure} ms"),
    tr_later("{figure} fps over {time} s"),
    tr_later("{figure} ms; longest interval {longest} ms"),
    tr_later("{figure} of 255"),
    tr_later("not known"),
    tr_later("not measured"),
    tr_later("the driver does not say"),
    tr_later("the driver has no time stamps"),
    tr_later("Nothing needs to be changed."),
    tr_later("The camera gives {size} instead of {asked}."),
    tr_later("Choose a size that it offers."),
    tr_later("Choose a size that it offers: {sizes}."),
    tr_later("The camera grants {rate} instead of {asked}."),
    tr_later("Choose a rate that it offers, or a smaller size."),
    tr_later("It offers at most {rate} at this size: choose that, or a smaller size."),
    tr_later("Only {rate} of {asked} frames a second arrive."),
    tr_later(
        "Only {rate} of {asked} frames a second arrive, because the camera exposes longer in low "
        "light."
    ),
    tr_later("Add light from the front, or switch off the camera's low-light compensation."),
    tr_later(
        "Only {rate} of {asked} frames a second arrive: {kind} pictures of this size are more "
        "than USB 2 carries."
    ),
    tr_later("Choose the format MJPG, or a smaller size."),
    tr_later(
        "Connect the camera directly to the computer, close programs that use much processor "
        "time, or choose a smaller size."
    ),
    tr_later("The frames come irregularly, up to {time} ms apart."),
    tr_later(
        "Use another USB port without a hub, and close programs that use much processor time."
    ),
    tr_later("The picture is dark."),
    tr_later("Add light from the front."),
    tr_later("A label comes {time} ms after its picture."),
    tr_later("Choose a smaller size, or a faster device for the model."),
    # Licences
    tr_later("public domain"),
    tr_later("research data with terms of their own"),
    tr_later("{licence}; its wheel {other}"),
    tr_later("{licence}; its wheel contains LGPL parts"),
    tr_later("{licence}, and others for parts of it"),
    tr_later("NVIDIA's own licences, proprietary"),
    tr_later("Matplotlib's own (BSD style)"),
    tr_later("Apache-2.0 or BSD-3-Clause"),
    tr_later("By {author}."),
    tr_later("By {author}; its text is in {path}."),
    tr_later("Its text is in {path}."),
    tr_later("Made with MakeHuman's data; no person like them exists."),
    tr_later("{path} states what follows."),
    tr_later("Qt for Python stays a library of its own that can be replaced, as the LGPL asks."),
    tr_later("Its Qt Multimedia contains FFmpeg ({licence})."),
    tr_later(
        "PyAV's wheel contains FFmpeg (LGPL) together with x264 and x265 (GPL): anyone who "
        "distributes the wheel must give its recipients the source under the GPL."
    ),
    tr_later("The wheel contains FFmpeg ({licence}) and on Linux Qt 5 ({other})."),
    tr_later("They may not be passed on freely; each package contains its terms."),
    tr_later("{file} in its folder lists what it contains."),
    tr_later("The folder licenses of its package lists what it contains."),
    tr_later("The wheel contains libheif and libde265 (LGPL) together with x265 (GPL)."),
    tr_later("Anyone who distributes it must give its recipients the source under the GPL."),
    # Streams
    tr_later("{address} is not an address that can be opened."),
    tr_later("Addresses begin with {schemes}. {more}"),
    tr_later("Use one that begins with {schemes}."),
    tr_later("{source} gives no video."),
    tr_later("Check the address, user and password, and that the camera is on and reachable."),
    tr_later("{source} is a video file, not a live stream."),
    tr_later("Download it and open the file."),
    tr_later("{source} did not answer in time."),
    tr_later("Check the address and the network, then try again."),
    tr_later("{source} is a web page, not a stream."),
    tr_later("Use the address of the stream or picture itself; the camera's manual names it."),
    tr_later("{source} is encrypted in a way that cannot be read (HLS, not AES-128)."),
    tr_later("{source} is encrypted (HLS), and its key cannot be had or does not fit."),
    tr_later("Check that the server gives the key over HTTP or HTTPS, and user and password."),
    tr_later("Reading an encrypted HLS stream needs the library cryptography."),
    tr_later("Use an address of the camera that is not, such as RTSP or MJPEG."),
    tr_later("The address names no host, or a port that is no number from 1 to 65535."),
    tr_later("Write it as {form}."),
    tr_later("The user or password in the address holds a /, ? or #."),
    tr_later("Write them percent-encoded: %2F for /, %3F for ?, %23 for # and %25 for %."),
    tr_later("The certificates in {file} cannot be read."),
    tr_later("Give a PEM file: it begins with -----BEGIN CERTIFICATE-----."),
    tr_later("The stream's pictures have more than {number} million pixels."),
    tr_later("Set a smaller resolution in the camera."),
    # Files and folders
    tr_later("There is no file or folder {path}."),
    tr_later("There is no file {path}."),
    tr_later("Check its name and folder."),
    tr_later("{path} is not a file."),
    tr_later("Choose a video or picture file."),
    tr_later("{path} cannot be read: {reason}."),
    tr_later("{path} can't be read: {reason}."),
    tr_later("Check the permissions of file and folder."),
    tr_later("Check the disk."),
    tr_later("{file} is empty."),
    tr_later("Choose another file."),
    tr_later("{file} is not a video, or it is damaged."),
    tr_later("Check that another player shows it, or choose another file."),
    tr_later("{file} holds no picture that can be read."),
    tr_later("{file} ended early, {reached}: it may be damaged or cut off."),
    tr_later("after {number} of {announced} frames"),
    tr_later("at {time} s of {figure} s"),
    tr_later("The file may be empty or damaged: choose another file."),
    tr_later("The name {name} has characters that cannot be read."),
    tr_later("Rename the file or folder."),
    tr_later("The folder {folder} cannot be read: {reason}."),
    tr_later("Check the permissions of the folder."),
    tr_later("There is no picture in the folder {folder}."),
    tr_later("It holds other things ({things})."),
    tr_later("Choose a folder with JPEG, PNG, WebP, TIFF or BMP files."),
    tr_later("{file} is not a picture, or it is damaged."),
    tr_later("No picture in {folder} can be read ({number} tried)."),
    tr_later("Choose another file or folder."),
    tr_later("{file} has more than the {size} GB that a picture may have."),
    tr_later("Choose a picture file."),
    tr_later("{file} has no pictures to look through."),
    tr_later("Play it instead."),
    tr_later("{file} shows no picture at this time."),
    tr_later("The file may be damaged: choose another video."),
    tr_later("The picture has {width} x {height} pixels, more than the {number} million allowed."),
    tr_later(
        "The picture has {width} x {height} pixels, more than the {number} million allowed "
        "for {format}."
    ),
    tr_later("Make it smaller, or raise the limit (--max-megapixels)."),
    tr_later("This is not a picture, or its beginning is damaged."),
    tr_later("Choose a {kinds} file."),
    tr_later("This is a HEIC picture, and {library}, which reads it, is not installed."),
    tr_later("Install the optional part: {command}."),
    tr_later("The picture has more pixels than Pillow decodes in this format."),
    tr_later("The picture is damaged or cut off."),
    tr_later("Save, copy or download it again."),
    # Model, device and detector
    tr_later("There is no model {name}."),
    tr_later("There is no model at {path}."),
    tr_later("{file} is no .safetensors file, which models are kept in."),
    tr_later("{path} is not a readable safetensors checkpoint ({reason})."),
    tr_later("Name a .safetensors file, which models are kept in."),
    tr_later("{path} holds weights but no fer-live description."),
    tr_later("The weights in {path} are not finite numbers."),
    tr_later("The weights in {path} do not fit the network they describe."),
    tr_later("The weights in {path} are all zero: the answer is the same for every face."),
    tr_later("The checkpoint's description cannot be read ({reason})."),
    tr_later("The checkpoint has format {format}, this version reads {own}."),
    tr_later("The model {model} gave an answer that is no probability."),
    tr_later("The model {model} has no heat maps that are fast enough for live display."),
    tr_later("fer-live explain computes them for images."),
    tr_later("CUDA cannot be used: {reason}."),
    tr_later("The GPU cannot run the model: {reason}."),
    tr_later("Install the NVIDIA driver and a CUDA build of PyTorch, or use --device cpu."),
    tr_later("The device {device} does not compute in eight bits."),
    tr_later("Use --device cpu, or leave --precision out."),
    tr_later("The model {model} has no ranges for arithmetic in eight bits."),
    tr_later("Leave --precision out, or add them with fer-live release --ranges-only."),
    tr_later("The network in {model} is not computed in eight bits."),
    tr_later("Leave --precision out, or use a released model."),
    tr_later("In eight bits {model} answers differently on this computer."),
    tr_later("Use --precision float32."),
    tr_later("Eight bits need onnx and onnxruntime, which cannot be imported ({reason})."),
    tr_later("Install both with pip, or leave --precision out."),
    tr_later("This computer has no Apple GPU."),
    tr_later("Use --device cpu or auto."),
    tr_later("This installation has no PyTorch, which {what} needs."),
    tr_later("Use a released model with --device cpu, or install fer-live with pip."),
    tr_later("The face cascade {name} is missing from assets/haarcascades."),
    tr_later("The face detector {name} is missing from assets/yunet."),
    tr_later(
        "The installation is incomplete: install fer-live again, or choose the detector haar."
    ),
    tr_later("Finding faces needs onnxruntime, which cannot be imported ({reason})."),
    tr_later("Install it with pip, or search pictures with the detector haar."),
    tr_later("The face detector failed on this picture ({reason})."),
    tr_later("Try another source or resolution."),
    tr_later("The model {model} does not say which class shares it was calibrated for."),
    tr_later("There is no prior {path}."),
    # Recording, log and replay
    tr_later("The disk with {folder} is full."),
    tr_later("The disk with {folder} is full: only {number} MB are left."),
    tr_later("Free some space or choose another folder; what was recorded so far can be played."),
    tr_later("{path} cannot be written: {reason}."),
    tr_later("Choose another folder, or free some space."),
    tr_later("{path} exists already."),
    tr_later("Choose another name: nothing is overwritten."),
    tr_later("There is no free name for {name} in {folder}."),
    tr_later("Empty the folder."),
    tr_later("The recording {file} ended early: {reason}."),
    tr_later("What was written so far can be played; start a new recording."),
    tr_later(
        "The recording {file} could not be finished in time: the disk or the encoder does "
        "not respond."
    ),
    tr_later("What was written so far can be played."),
    tr_later("The image {file} could not be encoded as PNG."),
    tr_later("An image could not be compressed for keeping it in memory."),
    tr_later("There is nothing to save yet."),
    tr_later("Start a source first."),
    tr_later("The instant replay ended: {reason}."),
    tr_later("Switch it off and on."),
    tr_later("The log {file} ended early: {reason}."),
    tr_later("What was written so far can be read; start a new log."),
    tr_later("The log {file} could not be finished: the disk does not respond."),
    tr_later("What was written so far can be read."),
    tr_later("The new model has other expressions, for which the log has no columns."),
    tr_later("Parquet logs need the library pyarrow."),
    tr_later("Install it with: pip install 'fer-live[parquet]', or choose a name ending in .csv."),
    tr_later("The name {name} cannot be used: {reason}."),
    tr_later("its braces do not match ({reason})"),
    tr_later("{field} is not a placeholder"),
    tr_later("not every system allows {characters} in a file name"),
    tr_later("it is empty, or begins or ends with a space or dot"),
    tr_later("it is longer than {number} characters"),
    tr_later("Windows keeps this name for a device"),
    tr_later("Placeholders: {fields}."),
    tr_later("The folder is chosen separately."),
    # Logs and reviews
    tr_later("{file} is not a session log."),
    tr_later("A log's name ends in {suffixes}."),
    tr_later("Write one with: fer-live run --log FILE."),
    tr_later("The log {path} cannot be read: {reason}."),
    tr_later("Check its name."),
    tr_later("{file} is damaged: {reason}."),
    tr_later("The log {file} lacks the columns {columns}."),
    tr_later("Use the unchanged log."),
    tr_later("No row of {file} can be read; the trouble is {trouble}."),
    tr_later(
        "Save it again with plain numbers and times as 2026-05-04T12:00:00+02:00, or use "
        "the log as it was written."
    ),
    tr_later("The log {file} has no frame."),
    tr_later("There is nothing to report."),
    tr_later("There is nothing to review."),
    tr_later("There is no session log beside {file}."),
    tr_later("Open the log itself, or name it {name}."),
    tr_later("{first} and {second} are in the picture together at {time}, so they are two people."),
    tr_later("Leave that part out first if it is a mistake of the detector."),
    tr_later("Another face is named {name} already."),
    tr_later("Choose another name, or merge the two faces if they are one person."),
    tr_later("The corrections can't be saved as {path}: {reason}."),
    tr_later("Make the folder writable; until then they last as long as this window."),
    tr_later("The corrections in {file} can't be read ({reason})."),
    tr_later("The file is kept as {file} when you correct something."),
    # Settings and live outputs
    tr_later("The settings could not be saved to {path}: {reason}."),
    tr_later("Make the folder writable, or set FER_LIVE_CONFIG_DIR to another one."),
    tr_later("The settings file {path} cannot be read ({reason})."),
    tr_later("Defaults are used."),
    tr_later("{text} is not an address."),
    tr_later("Write {form}, for example {example}:9000."),
    tr_later("There is no address called {host}."),
    tr_later("Port {port} is already in use."),
    tr_later("Stop the other program, or choose another port."),
    tr_later("Port {port} may not be used without special rights."),
    tr_later("Choose a port from 1024 on."),
    tr_later("It is not possible to listen on {host} port {port}: {reason}."),
    tr_later("Use the host {host}."),
    tr_later("The output {name} ended: {reason}."),
    tr_later("Switch it on again."),
    tr_later("The output {name} did not take what was left within {time} s."),
    tr_later("Look at the program that reads it."),
    tr_later("No program reads from the pipe {path}."),
    tr_later("Start the reader first."),
    tr_later("The WebSocket server could not be started: {reason}."),
    tr_later("Try another port."),
    tr_later("The {output} output needs the library {library}."),
    tr_later("The virtual camera needs the library pyvirtualcam."),
    tr_later("Install it with: {command}."),
    tr_later("The LSL output needs the library liblsl, which cannot be loaded."),
    tr_later("Install the newest pylsl, which brings it, or: conda install -c conda-forge liblsl."),
    tr_later("OSC messages cannot go to port 0."),
    tr_later("Name the receiver's port."),
    tr_later("Check the receiver's address."),
    tr_later("There is no virtual camera: the kernel module v4l2loopback is not loaded."),
    tr_later("Install v4l2loopback-dkms, then: sudo modprobe v4l2loopback exclusive_caps=1."),
    tr_later("There is no virtual camera: it comes with OBS Studio 30 or later."),
    tr_later("Install OBS, start its virtual camera once, then stop it."),
    tr_later("There is no virtual camera: it comes with OBS Studio."),
    tr_later("Install OBS, or Unity Capture, then start fer_live again."),
    tr_later("The virtual camera {device} does not take pictures of {size} pixels."),
    tr_later("Close the programs that use it, or choose another resolution."),
    tr_later("Unexpected error {where}: {reason}."),
    tr_later("Please report it, with the details."),
)
"""What the parts below say where a user of the window can meet it; names in braces vary."""

SEAM = re.compile(r"(?<=[.!?]) (?=[A-Z{'])")
"""Between two sentences."""
NUMBERS = {"asked", "figure", "longest", "number", "rate", "time"}
"""Names in braces that are numbers, whose decimal point follows the language."""
DECIMAL = re.compile(r"\d+\.\d+")


class _Known(NamedTuple):
    pattern: re.Pattern[str]
    sentence: str


@cache
def _known() -> tuple[_Known, ...]:
    """All sentences, the ones with the most letters of their own first."""
    parts = {sentence: re.split(r"(\{\w+\})", sentence) for sentence in SENTENCES}
    patterns = {
        sentence: "".join(
            f"(?P<{part[1:-1]}>.+?)" if part.startswith("{") else re.escape(part) for part in split
        )
        for sentence, split in parts.items()
    }
    own = {sentence: sum(map(len, split[::2])) for sentence, split in parts.items()}
    first = sorted(SENTENCES, key=lambda sentence: -own[sentence])
    return tuple(_Known(re.compile(patterns[one], re.DOTALL), one) for one in first)


def localised(text: str) -> str:
    """A sentence of the parts below in the language of the window, as far as it is known.

    Args:
        text: One or more sentences in English.
    """
    sentences = SEAM.split(text)
    # One after the other, if each is known; else a name in braces may hold such a seam.
    if len(sentences) > 1 and all(map(_match, sentences)):
        return " ".join(map(localised, sentences))
    match = _match(text)
    if match is not None:
        known, values = match
        return translated(known).format(**{name: _value(name, values[name]) for name in values})
    return text if len(sentences) == 1 else " ".join(map(localised, sentences))


def _match(text: str) -> tuple[str, dict[str, str]] | None:
    """The sentence that a text is, and what its names in braces stand for."""
    for known in _known():
        match = known.pattern.fullmatch(text)
        if match is not None:
            return known.sentence, match.groupdict()
    return None


def _value(name: str, text: str) -> str:
    """What stands for a name in braces, in the language of the window."""
    if name in NUMBERS and DECIMAL.fullmatch(text):
        return text.replace(".", QLocale().decimalPoint())
    return localised(text)


def error_text(error: Exception) -> str:
    """An error in one sentence, with its hint."""
    if isinstance(error, FerLiveError):
        return f"{localised(error.message)} {localised(error.hint)}".strip()
    return tr("Unexpected error: {error}.").format(error=error)
