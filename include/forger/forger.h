#pragma once

/// Forger trains, judges and ships generative adversarial networks. Start here:
///
///     auto config = forger::Config::from_recipe("fast");
///     config.data.source = "my/images";
///     forger::train(config, "runs/mine");
///     auto images = forger::Model::load("runs/mine").sample_pixels(64);

#include "forger/config.h"
#include "forger/error.h"
#include "forger/evaluation.h"
#include "forger/export.h"
#include "forger/images.h"
#include "forger/interruption.h"
#include "forger/model.h"
#include "forger/nearest.h"
#include "forger/objective.h"
#include "forger/run.h"
#include "forger/serve.h"
#include "forger/step_report.h"
#include "forger/training.h"
#include "forger/translate.h"
#include "forger/upscale.h"
#include "forger/verdict.h"
#include "forger/watch.h"
