#include <c10/util/Exception.h>

#include <algorithm>
#include <exception>
#include <string>

#include "bindings.h"
#include "forger/error.h"

namespace nb = nanobind;

namespace forger::python {
namespace {

/// Raises forger.Error with one line. Names of files may hold bytes that are no UTF-8, and line breaks.
void raise(void* type, std::string message) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  PyObject* text = PyUnicode_DecodeUTF8(message.data(), static_cast<Py_ssize_t>(message.size()), "backslashreplace");
  if (text == nullptr) return;
  PyErr_SetObject(static_cast<PyObject*>(type), text);
  Py_DECREF(text);
}

void translate_errors(const std::exception_ptr& raised, void* type) {
  try {
    std::rethrow_exception(raised);
  } catch (const Error& error) {
    raise(type, error.what());
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    raise(type, "LibTorch: " + text.substr(0, text.find('\n')));
  }
}

}  // namespace

void add_error(nb::module_& module) {
  const nb::exception<Error> error(module, "Error", PyExc_RuntimeError);
  error.attr("__doc__") =
      "The one exception of the library. Its message says what failed, the value received, what is accepted and where, "
      "in one line.";
  nb::register_exception_translator(translate_errors, error.ptr());
}

}  // namespace forger::python

NB_MODULE(_forger, module) {
  module.attr("__version__") = FORGER_VERSION;
  forger::python::add_error(module);
  forger::python::add_verdicts(module);
  forger::python::add_training(module);
  forger::python::add_judging(module);
  forger::python::add_evaluation(module);
  forger::python::add_model_info(module);
  forger::python::add_model(module);
}
