#pragma once

/// The part of LibTorch's C++ front end that Forger uses: tensors and their operations, autograd, modules. It is the
/// precompiled header, about a third lighter than <torch/torch.h>; only .cpp files and a network's header take it.

#include <ATen/ATen.h>
#include <torch/autograd.h>
#include <torch/nn/module.h>
