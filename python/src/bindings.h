#pragma once

#include <nanobind/nanobind.h>

namespace forger::python {

/// Each adds the names of some headers of include/forger/ to the module.
void add_error(nanobind::module_& module);
void add_verdicts(nanobind::module_& module);
void add_training(nanobind::module_& module);
void add_judging(nanobind::module_& module);
void add_evaluation(nanobind::module_& module);
void add_model_info(nanobind::module_& module);
void add_model(nanobind::module_& module);

}  // namespace forger::python
