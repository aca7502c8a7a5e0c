package hearth.agent

import java.io.{BufferedReader, InputStreamReader}
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path, Paths}

/**
 * The driver process of one Spark context. The server starts it with the path of its start file.
 *
 * With `--spare FOLDER` it warms up first, makes the file `warm` in that folder, and then reads the path from its
 * standard input; if that ends without a path, the process ends, too. With `--rehearse` it only warms up and ends. It
 * ends at once if its standard input does.
 */
object Main {
  def main(args: Array[String]): Unit = args match {
    case Array("--rehearse") =>
      endWithInput()
      Rehearsal.run()
    case Array("--spare", folder) => spare(Paths.get(folder))
    case Array(file) => serve(Paths.get(file))
    case _ =>
      System.err.println("usage: hearth-agent START_FILE | --spare FOLDER | --rehearse")
      System.exit(2)
  }

  /** Ends a rehearsal with the server, which holds the other end of the standard input. */
  private def endWithInput(): Unit = {
    val watch = new Thread(
      () => {
        while (System.in.read() >= 0) ()
        Runtime.getRuntime.halt(1)
      },
      "hearth-input"
    )
    watch.setDaemon(true)
    watch.start()
  }

  private def serve(startFile: Path): Unit = System.exit(new Agent(StartFile.read(startFile)).run())

  private def spare(folder: Path): Unit = {
    Rehearsal.run()
    Files.createFile(folder.resolve("warm"))
    val line = new BufferedReader(new InputStreamReader(System.in, UTF_8)).readLine()
    // Nobody took it.
    if (line == null) System.exit(0)
    serve(Paths.get(line))
  }
}
