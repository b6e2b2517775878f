#pragma once

#include <memory>
#include <string>

#include "forger/config.h"
#include "networks/convolution.h"
#include "networks/network.h"
#include "networks/normalization.h"
#include "networks/row_range.h"

namespace forger {

/// What the networks of translation share: images of one kind in, of another kind and of the same size out. With
/// dropout one image has many translations, where `draw_in_evaluation` says so.
class Translator : public ImageGenerator {
 public:
  /// Images whose sides do not fit the network are mirrored at the lower and the right edge, and the answer cut.
  at::Tensor forward(const at::Tensor& images) final;
  OnnxValue to_onnx(OnnxGraph& graph, const OnnxValue& images) final;
  ImageRule rule() const final;

 protected:
  explicit Translator(const TranslatorOptions& options) : options_(options) {}

  /// Images as `answer` takes them, and what is made of them from its answer.
  at::Tensor filled(const at::Tensor& images) const;
  at::Tensor finished(const at::Tensor& answer, const at::Tensor& images) const;

  /// Images `[N, C, H, W]`, channels-last -> `[N, C', H, W]`, of which the hyperbolic tangent is the answer. Sides are
  /// multiples of `multiple_px()`, and at least `least_px()`.
  virtual at::Tensor answer(const at::Tensor& images) = 0;
  /// The same in an ONNX graph.
  virtual OnnxValue answer(OnnxGraph& graph, const OnnxValue& images) = 0;
  virtual int64_t multiple_px() const = 0;
  virtual int64_t least_px() const = 0;
  /// The rows that rows of the answer are made from, as far as convolutions go.
  virtual RowRange seen_by(RowRange rows) const = 0;

  /// Layers with the first weights of both papers, N(0, 0.02). A convolution in front of a normalisation, which would
  /// take its bias off again, has none.
  std::shared_ptr<Convolution> add_convolution(const std::string& name, ConvolutionOptions layer, bool normalized,
                                               const at::Generator& random);
  std::shared_ptr<DoublingConvolution> add_doubling(const std::string& name, int64_t inputs, int64_t outputs,
                                                    bool normalized, const at::Generator& random);
  std::shared_ptr<Normalization> add_norm(const std::string& name, int64_t channels, bool normalized,
                                          const at::Generator& random);
  std::shared_ptr<Dropout> add_dropout(const std::string& name, bool drops);

  const TranslatorOptions options_;
};

}  // namespace forger
