"""The networks of pytorch-CycleGAN-and-pix2pix, defined here from what their papers and their weights' names say: the same
layers by the same names, in plain PyTorch, with random weights."""
import pytest

torch = pytest.importorskip("torch", reason="torch is not in the Python environment (LibTorch comes from elsewhere)")
nn = torch.nn


def norm_of(kind):
    """Makes a normalisation of so many channels. `old-instance` keeps running statistics, as before PyTorch 0.4."""
    return {"batch": lambda channels: nn.BatchNorm2d(channels),
            "instance": lambda channels: nn.InstanceNorm2d(channels),
            "old-instance": lambda channels: nn.InstanceNorm2d(channels, track_running_stats=True),
            "none": lambda channels: nn.Identity()}[kind]


class ResnetBlock(nn.Module):
    def __init__(self, channels, norm, bias, dropout):
        super().__init__()
        half = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm(channels)]
        other = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm(channels)]
        drop = [nn.Dropout(0.5)] if dropout else []
        self.conv_block = nn.Sequential(*half, nn.ReLU(), *drop, *other)

    def forward(self, images):
        return images + self.conv_block(images)


class ResnetGenerator(nn.Module):
    def __init__(self, inputs, outputs, width=8, norm="instance", dropout=False, blocks=9, bias=None):
        super().__init__()
        bias, norm = norm.endswith("instance") if bias is None else bias, norm_of(norm)
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, width, 7, bias=bias), norm(width), nn.ReLU()]
        for channels in (width, 2 * width):
            layers += [nn.Conv2d(channels, 2 * channels, 3, 2, 1, bias=bias), norm(2 * channels), nn.ReLU()]
        layers += [ResnetBlock(4 * width, norm, bias, dropout) for _ in range(blocks)]
        for channels in (4 * width, 2 * width):
            layers += [nn.ConvTranspose2d(channels, channels // 2, 3, 2, 1, output_padding=1, bias=bias),
                       norm(channels // 2), nn.ReLU()]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, outputs, 7), nn.Tanh())

    def forward(self, images):
        return self.model(images)


class UnetBlock(nn.Module):
    def __init__(self, outer, inner, norm, bias, inputs=None, inside=None, outermost=False, dropout=False):
        super().__init__()
        self.outermost = outermost
        down = nn.Conv2d(inputs or outer, inner, 4, 2, 1, bias=bias)
        up = nn.ConvTranspose2d(2 * inner if inside else inner, outer, 4, 2, 1, bias=bias or outermost)
        if outermost:
            layers = [down, inside, nn.ReLU(), up, nn.Tanh()]
        elif inside is None:
            layers = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, norm(outer)]
        else:
            layers = [nn.LeakyReLU(0.2), down, norm(inner), inside, nn.ReLU(), up, norm(outer)]
            layers += [nn.Dropout(0.5)] if dropout else []
        self.model = nn.Sequential(*layers)

    def forward(self, images):
        made = self.model(images)
        return made if self.outermost else torch.cat([images, made], 1)


class UnetGenerator(nn.Module):
    def __init__(self, inputs, outputs, levels, width=8, norm="batch", dropout=False, bias=None):
        super().__init__()
        bias, norm = norm.endswith("instance") if bias is None else bias, norm_of(norm)
        block = UnetBlock(8 * width, 8 * width, norm, bias)
        for _ in range(levels - 5):
            block = UnetBlock(8 * width, 8 * width, norm, bias, inside=block, dropout=dropout)
        for times in (4, 2, 1):
            block = UnetBlock(times * width, 2 * times * width, norm, bias, inside=block)
        self.model = UnetBlock(outputs, width, norm, bias, inputs=inputs, inside=block, outermost=True)

    def forward(self, images):
        return self.model(images)


def patch_discriminator(inputs, width=8):
    layers = [nn.Conv2d(inputs, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for times, stride in ((1, 2), (2, 2), (4, 1)):
        layers += [nn.Conv2d(times * width, 2 * times * width, 4, stride, 1), nn.InstanceNorm2d(2 * times * width),
                   nn.LeakyReLU(0.2)]
    network = nn.Module()
    network.model = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))
    return network


def with_random_weights(network, seed=1):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            fan = weight[0].numel() if weight.dim() > 1 else 4
            weight.copy_(torch.randn(weight.shape, generator=generator) / fan ** 0.5)
            if weight.dim() == 1 and name.endswith("weight"):
                weight.abs_().add_(0.5)
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, generator=generator))
            if name.endswith("running_var"):
                buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    return network


def answer(network, images, statistics="image"):
    """In float64. Statistics of the image: as the authors' test does it, which leaves the network in training mode, but
    without dropout."""
    network = network.double()
    for module in network.modules():
        module.train(isinstance(module, (nn.BatchNorm2d, nn.InstanceNorm2d)) and statistics == "image")
    with torch.no_grad():
        return torch.cat([network(image[None].double()) for image in images])
