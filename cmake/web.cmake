# The page of `forger watch`: bundled from web/ where Node and its packages are there (tools/setup.sh brings them), else a
# page that says what is missing. Either way its files become part of the program.
find_program(NODE_PROGRAM NAMES node nodejs)
set(forger_web ${PROJECT_BINARY_DIR}/web)
file(GLOB forger_web_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/src/* ${PROJECT_SOURCE_DIR}/web/build.mjs
  ${PROJECT_SOURCE_DIR}/web/package-lock.json)
if(NODE_PROGRAM AND EXISTS ${PROJECT_SOURCE_DIR}/web/node_modules/esbuild)
  set(forger_web_files ${forger_web}/index.html ${forger_web}/app.js ${forger_web}/app.css)
  add_custom_command(OUTPUT ${forger_web_files} DEPENDS ${forger_web_sources}
    COMMAND ${NODE_PROGRAM} ${PROJECT_SOURCE_DIR}/web/build.mjs ${forger_web} COMMENT "Bundling the page")
else()
  message(STATUS "The page of `forger watch` is left out: no Node, or no web/node_modules (tools/setup.sh brings them)")
  set(forger_web_files ${PROJECT_SOURCE_DIR}/web/without_node/index.html)
endif()
set(forger_embedded_web ${PROJECT_BINARY_DIR}/generated/embedded_web.inc)
add_custom_command(OUTPUT ${forger_embedded_web} DEPENDS ${forger_web_files} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${forger_embedded_web} "-DFILES=${forger_web_files}"
    -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
  VERBATIM)
add_custom_target(forger_web_page DEPENDS ${forger_embedded_web})
add_dependencies(forger forger_web_page)
