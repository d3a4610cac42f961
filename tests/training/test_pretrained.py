import hashlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from urllib.error import URLError

import pytest
import torch
from torchvision.models import ResNet18_Weights, get_model, resnet18
from torchvision.models._api import WeightsEnum

from fer_live.classification.checkpoint import save_checkpoint
from fer_live.classification.description import Architecture, CheckpointMeta, HeadSpec
from fer_live.classification.networks.architectures import build
from fer_live.core.errors import ConfigError
from fer_live.training.pretrained import fetch_imagenet, freeze, load_imagenet
from fer_live.training.setup import make_module
from tests.training.support import tiny_data, tiny_recipe

HEADS = {"fer2013": 7}


@pytest.fixture
def imagenet(monkeypatch):
    torch.manual_seed(0)
    state = resnet18().state_dict()
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda self, **kwargs: dict(state))
    return state


def test_grey_network_answers_as_colour_network_to_grey(imagenet):
    grey = Architecture(heads=HEADS, stem="imagenet")
    colour = Architecture(heads=HEADS, stem="imagenet", in_channels=3)
    trunks = []
    for architecture in (grey, colour):
        network = build(architecture).eval()
        load_imagenet(network, architecture)
        trunks.append(network.trunk)
    x = torch.rand(2, 1, 40, 40)
    torch.testing.assert_close(trunks[0](x), trunks[1](x.expand(-1, 3, -1, -1)))


def test_other_stems_and_excitation_keep_the_rest(imagenet):
    architecture = Architecture(heads=HEADS, stem="small", squeeze_excitation=True)
    network = build(architecture)
    before = network.trunk.conv1.weight.clone()
    load_imagenet(network, architecture)
    assert torch.equal(network.trunk.conv1.weight, before)
    block = network.trunk.layer1[0]
    assert torch.equal(block.conv1.weight, imagenet["layer1.0.conv1.weight"])
    assert torch.equal(block.bn2[0].weight, imagenet["layer1.0.bn2.weight"])


def test_other_widths_are_refused():
    architecture = Architecture(heads=HEADS, widths=(8, 8, 8, 8))
    with pytest.raises(ConfigError, match="no ImageNet weights for widths"):
        load_imagenet(build(architecture), architecture)


def test_without_network_it_says_what_to_do(monkeypatch):
    def offline(self, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr(WeightsEnum, "get_state_dict", offline)
    architecture = Architecture(heads=HEADS)
    with pytest.raises(ConfigError, match="could not be downloaded") as caught:
        load_imagenet(build(architecture), architecture)
    assert 'pretrained = "none"' in caught.value.hint
    assert ".pth" in caught.value.hint


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A folder of downloads with the weights of a ResNet-18 under their true file name."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    torch.manual_seed(0)
    state = resnet18().state_dict()
    file = tmp_path / "checkpoints" / ResNet18_Weights.DEFAULT.url.rsplit("/", 1)[1]
    file.parent.mkdir()
    torch.save(state, file)
    return file, state


def test_weights_in_the_folder_of_downloads_are_loaded(hub):
    _, state = hub
    architecture = Architecture(heads=HEADS, stem="imagenet", in_channels=3)
    network = build(architecture)
    load_imagenet(network, architecture)
    own = network.trunk.state_dict()
    assert own
    assert all(torch.equal(own[key], state[key]) for key in own)


def damage(file, how):
    if how == "cut short":
        file.write_bytes(file.read_bytes()[:9999])
    elif how == "a web page":
        file.write_text("<html>Please log in</html>", "utf-8")
    elif how == "empty":
        file.write_bytes(b"")
    else:
        torch.save({"layer": torch.zeros(3)}, file)


@pytest.mark.parametrize("how", ["cut short", "a web page", "empty", "other weights"])
def test_a_damaged_file_among_the_downloads_is_named(hub, how):
    file, _ = hub
    damage(file, how)
    with pytest.raises(ConfigError, match="holds no ImageNet weights of resnet18") as caught:
        fetch_imagenet("resnet18")
    assert str(file) in caught.value.message
    assert "Delete it" in caught.value.hint


class Served(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.parametrize("right", [True, False])
def test_a_download_is_checked_against_its_hash(hub, monkeypatch, capsys, right):
    file, state = hub
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8] if right else "0" * 8
    served = file.rename(file.with_name(f"resnet18-{digest}.pth"))
    folder = served.parent.rename(served.parent.with_name("served"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/{served.name}"
        weights = SimpleNamespace(
            url=url, get_state_dict=lambda **kw: torch.hub.load_state_dict_from_url(url, **kw)
        )
        monkeypatch.setattr(
            "fer_live.training.pretrained.get_model_weights",
            lambda _: SimpleNamespace(DEFAULT=weights),
        )
        if right:
            got = fetch_imagenet("resnet18")
            assert all(torch.equal(got[key], state[key]) for key in got)
        else:
            with pytest.raises(ConfigError, match=r"could not be downloaded \(invalid hash value"):
                fetch_imagenet("resnet18")
    finally:
        server.shutdown()
        server.server_close()
    said = capsys.readouterr()
    assert said.out == ""
    assert "Downloading" in said.err


def test_recipe_fetches_weights_unless_a_checkpoint_follows(monkeypatch):
    def offline(self, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr(WeightsEnum, "get_state_dict", offline)
    recipe = tiny_recipe(model__pretrained="imagenet", model__widths=[64, 128, 256, 512])
    with pytest.raises(ConfigError, match="could not be downloaded"):
        make_module(recipe, tiny_data())
    make_module(recipe, tiny_data(), pretrained=False)


def test_training_goes_on_from_another_model(tmp_path):
    first = make_module(tiny_recipe(), tiny_data())
    torch.nn.init.normal_(first.network.heads["fer2013"][-1].bias)
    meta = CheckpointMeta(
        "first",
        first.architecture,
        {name: HeadSpec(labels) for name, labels in first.labels.items()},
        first.default_head,
        first.input_spec,
    )
    path = tmp_path / "first.safetensors"
    save_checkpoint(path, first.network, meta)
    second = make_module(tiny_recipe(run__seed=5, model__pretrained=str(path)), tiny_data())
    for key, value in first.network.state_dict().items():
        assert torch.equal(second.network.state_dict()[key], value), key
    with pytest.raises(ConfigError, match=r"another network \(its stem\)"):
        make_module(tiny_recipe(model__stem="deep", model__pretrained=str(path)), tiny_data())


def test_frozen_layers_neither_learn_nor_drift():
    module = make_module(tiny_recipe(model__frozen_layers=2), tiny_data())
    module.train()
    frozen = [p for p in module.network.parameters() if not p.requires_grad]
    # convolution, norm, and the first block's convolution and norm
    assert len(frozen) == 1 + 2 + 1 + 2
    trunk = module.network.trunk
    assert not trunk.bn1.training
    assert not trunk.layer1[0].bn1.training
    assert trunk.layer1[0].bn2.training
    before = trunk.bn1.running_mean.clone()
    module(torch.rand(8, 1, 16, 16))
    assert torch.equal(trunk.bn1.running_mean, before)


def test_more_frozen_layers_than_there_are():
    network = build(Architecture(heads=HEADS, widths=(8, 8, 8, 8)))
    with pytest.raises(ConfigError, match="99 layers cannot be frozen: the network has 17"):
        freeze(network, 99)


@pytest.mark.parametrize("excite", [False, True])
def test_forty_frozen_layers_of_a_resnet50_leave_the_last_stage_and_the_head(excite):
    network = build(Architecture("resnet50", HEADS, widths=(8, 8, 8, 8), squeeze_excitation=excite))
    freeze(network, 40)
    frozen = {name for name, p in network.named_parameters() if not p.requires_grad}
    parts = ("trunk.conv1", "trunk.bn1", "trunk.layer1", "trunk.layer2", "trunk.layer3")
    assert frozen == {name for name, _ in network.named_parameters() if name.startswith(parts)}


@pytest.mark.parametrize(("name", "first"), [("vgg11_bn", "0"), ("efficientnet_b0", "0.0")])
def test_other_networks_start_from_imagenet_too(monkeypatch, name, first):
    torch.manual_seed(0)
    state = get_model(name).state_dict()
    monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda self, **kwargs: dict(state))
    architecture = Architecture(name, HEADS)
    network = build(architecture)
    load_imagenet(network, architecture)
    own = network.trunk.state_dict()
    summed = state[f"features.{first}.weight"].sum(1, keepdim=True)
    torch.testing.assert_close(own[f"features.{first}.weight"], summed)
    assert all(torch.equal(own[key], state[key]) for key in own if f".{first}.weight" not in key)


def test_own_networks_have_no_imagenet_weights():
    architecture = Architecture("cnn", HEADS)
    with pytest.raises(ConfigError, match="no ImageNet weights for cnn"):
        load_imagenet(build(architecture), architecture)
