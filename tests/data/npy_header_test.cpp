#include "ravine/data/npy_header.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ravine/base/error.hpp"
#include "support/temporary_folder.hpp"

namespace ravine {
namespace {

using Shape = std::vector<std::size_t>;

NpyHeader parse(const std::string& text) { return parse_npy_header(text, "a.npy"); }

TEST(NpyHeader, ReadsWhatNumpyWrites) {
  const NpyHeader header =
      parse("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n");
  EXPECT_EQ(header.type, "<f8");
  EXPECT_FALSE(header.fortran_order);
  EXPECT_EQ(header.shape, (Shape{3, 4}));
}

TEST(NpyHeader, ReadsOtherSpellingsOfTheSameDictionary) {
  for (const std::string text :
       {"{\"shape\":(3,4),\"descr\":\"<f8\",\"fortran_order\":True}",
        "{ 'fortran_order' : True ,'shape':( 3 , 4 ,) , 'descr':'<f8' }"}) {
    const NpyHeader header = parse(text);
    EXPECT_EQ(header.type, "<f8");
    EXPECT_TRUE(header.fortran_order);
    EXPECT_EQ(header.shape, (Shape{3, 4}));
  }
}

TEST(NpyHeader, ComesBackFromItsOwnText) {
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{0}, Shape{1, 2, 3}}) {
    const NpyHeader header{"<f4", true, shape};
    const NpyHeader again = parse(npy_header_text(header));
    EXPECT_EQ(again.type, "<f4");
    EXPECT_TRUE(again.fortran_order);
    EXPECT_EQ(again.shape, shape);
  }
  EXPECT_EQ(npy_header_text({"<f8", false, {5}}),
            "{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }");
}

TEST(NpyHeader, RefusesEveryTruncation) {
  const std::string whole = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parse(whole.substr(0, size)), DataError) << whole.substr(0, size);
  }
}

TEST(NpyHeader, RefusesWhatIsNoSuchDictionary) {
  const std::string order = "'fortran_order': False, ";
  const std::string type = "'descr': '<f8', ";
  for (const std::string& text : std::vector<std::string>{
           "{}",
           "[]",
           "nonsense",
           std::string(100, '\0'),
           "{" + type + order + "}",
           "{" + type + order + "'shape': (3)}",
           "{" + type + order + "'shape': 3}",
           "{" + type + order + "'shape': (3, 4}",
           "{" + type + order + "'shape': (-3,)}",
           "{" + type + order + "'shape': (3.5,)}",
           "{" + type + order + "'shape': (3 4)}",
           "{" + type + order + "'shape': (,)}",
           "{" + type + order + "'shape': (99999999999999999999,)}",
           "{" + type + order + "'shape': (3,)} more",
           "{" + type + type + order + "'shape': (3,)}",
           "{" + type + order + "'extra': (3,), 'shape': (3,)}",
           "{" + type + "'fortran_order': 0, 'shape': (3,)}",
           "{'descr': '<f8\n', " + order + "'shape': (3,)}",
           "{'descr': '" + std::string(100, 'f') + "', " + order + "'shape': (3,)}",
           "{'descr': [('a', '<f8')], " + order + "'shape': (3,)}"}) {
    const std::string message = testing::error_of<DataError>([&] { parse(text); });
    EXPECT_TRUE(message.starts_with("[npy] a.npy: expected ")) << text << message;
    EXPECT_EQ(message.find_first_of("\n\0", 0, 2), std::string::npos);
  }
}

TEST(NpyHeader, BoundsTheNumberOfDimensions) {
  std::string shape;
  for (int i = 0; i < 33; ++i) shape += "1, ";
  EXPECT_THROW(parse("{'descr': '<f8', 'fortran_order': False, 'shape': (" + shape + ")}"),
               DataError);
}

}  // namespace
}  // namespace ravine
