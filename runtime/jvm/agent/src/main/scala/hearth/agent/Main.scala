package hearth.agent

import java.nio.file.Paths

/** The driver process of one Spark context; the server starts it with the path of its start file. */
object Main {
  def main(args: Array[String]): Unit =
    if (args.length != 1) {
      System.err.println("usage: hearth-agent START_FILE")
      System.exit(2)
    } else System.exit(new Agent(StartFile.read(Paths.get(args(0)))).run())
}
