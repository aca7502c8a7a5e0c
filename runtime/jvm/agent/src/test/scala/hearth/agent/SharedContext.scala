package hearth.agent

import java.io.File
import java.net.URI
import java.nio.file.{Files, Path, Paths}
import java.security.MessageDigest
import java.util.Collections
import java.util.jar.{JarEntry, JarOutputStream}
import javax.tools.{JavaFileObject, SimpleJavaFileObject, ToolProvider}

import com.typesafe.config.ConfigValueFactory
import org.apache.spark.hearth.DriverVersions

/** One local Spark context for all tests of the process, as the agent sets it up. */
object SharedContext {
  lazy val context: Context = {
    val usual = Thread.currentThread.getContextClassLoader
    val conf = Map("spark.master" -> "local[2]", "spark.ui.enabled" -> "false")
    val settings = Map("setting.of" -> ConfigValueFactory.fromAnyRef("context"))
    val folder = Paths.get(System.getProperty("hearth.test.target"))
    val start =
      StartFile("id", "tests", "", folder, "", "", settings, conf, Map(), Nil, 1000, 1000, folder)
    try Context.make(start)
    finally Thread.currentThread.setContextClassLoader(usual)
  }

  lazy val versions = new DriverVersions(context.sparkContext, context.loader, folder.resolve("jars"))

  lazy val binaries = new Binaries(versions, keep = 2)

  /** Where large results lie. */
  lazy val folder: Path =
    Files.createTempDirectory(Paths.get(System.getProperty("hearth.test.target")), "context")

  lazy val runner: JobRunner = {
    val files = new ServerFiles(folder.resolve("files"), () => None, timeoutMs = 100)
    new JobRunner(context, binaries, new ContextObjects, files, folder)
  }
}

/** Jars made of Java sources, for there have to be several that have the same classes. */
object TestJar {
  private lazy val folder = Files.createTempDirectory(Paths.get(System.getProperty("hearth.test.target")), "jars")

  /** A jar with one public class. */
  def of(className: String, source: String): Binary = {
    val classes = Files.createTempDirectory(folder, "classes")
    val file = new SimpleJavaFileObject(URI.create(s"string:///$className.java"), JavaFileObject.Kind.SOURCE) {
      override def getCharContent(ignoreEncodingErrors: Boolean): CharSequence = source
    }
    val options = java.util.Arrays.asList("-d", classes.toString, "-proc:none", "-nowarn", "-XDignore.symbol.file")
    val done = ToolProvider.getSystemJavaCompiler.getTask(null, null, null, options, null, Collections.singleton(file))
    require(done.call(), s"$className does not compile")
    val jar = Files.createTempFile(folder, className, ".jar")
    pack(classes, jar)
    Binary(digest(jar), jar.toString)
  }

  /** A job of the old Java API, with this body of `Object runJob(JavaSparkContext sc, Config config)`. */
  def job(className: String, body: String, more: String = ""): Binary = of(
    className,
    s"""import com.typesafe.config.Config;
       |import java.util.*;
       |import org.apache.spark.api.java.JavaSparkContext;
       |public class $className extends spark.jobserver.JavaSparkJob {
       |  @Override public Object runJob(JavaSparkContext sc, Config config) { $body }
       |  $more
       |}
       |""".stripMargin
  )

  private def pack(classes: Path, jar: Path): Unit = {
    val out = new JarOutputStream(Files.newOutputStream(jar))
    classes.toFile.listFiles.foreach { (file: File) =>
      out.putNextEntry(new JarEntry(file.getName))
      out.write(Files.readAllBytes(file.toPath))
    }
    out.close()
  }

  private def digest(file: Path): String =
    MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)).map(byte => f"$byte%02x").mkString
}
