package hearth.agent

import java.nio.file.Paths

import org.junit.{After, Test}
import org.junit.Assert.{assertEquals, assertNull}

class ContextTest {
  private val Key = "spark.broadcast.blockSize"

  private def set(sparkConf: (String, String)*): String = {
    val folder = Paths.get("/context")
    val start = StartFile("id", "tests", "", folder, "", "", Map(), sparkConf.toMap, Map(), Nil, 1000, 1000, folder)
    Context.sparkConf(start).get(Key)
  }

  @After def forget(): Unit = { System.clearProperty(Key); () }

  @Test def aLocalContextTakesLittleMemoryForAStage(): Unit = {
    assertEquals("256k", set("spark.master" -> "local[2]"))
    assertNull(set("spark.master" -> "spark://127.0.0.1:7077"))
  }

  @Test def whatAContextSetsWins(): Unit = assertEquals("1m", set("spark.master" -> "local[2]", Key -> "1m"))

  @Test def whatSparksFilesSetWins(): Unit = {
    // Those of spark-defaults.conf are properties of the process.
    System.setProperty(Key, "2m")
    assertNull(set("spark.master" -> "local[2]"))
  }
}
