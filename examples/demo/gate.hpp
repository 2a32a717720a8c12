// A gate where forked children wait until their parent opens it, once for all of them. It is a pipe whose writing end only
// the parent keeps: it opens by itself if the parent dies, so no child is ever left waiting.
#ifndef LARDER_DEMO_GATE_HPP
#define LARDER_DEMO_GATE_HPP

namespace demo {

class gate {
 public:
  gate();
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate();

  // In the parent. Idempotent.
  void open() noexcept;

  // In a child, before it waits at any gate.
  void enter_child() noexcept { open(); }

  void wait() const noexcept;

 private:
  int reading_end_ = -1;
  int writing_end_ = -1;
};

}  // namespace demo

#endif  // LARDER_DEMO_GATE_HPP
