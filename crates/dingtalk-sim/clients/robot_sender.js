// A community client of chatbots, npm `dingtalk-robot-sender`: `node robot_sender.js URL`, with NODE_PATH.
// Steps and answers are those of steps.py.
const { createInterface } = require("node:readline");
const ChatBot = require("dingtalk-robot-sender");

const url = process.argv[2];

async function answer({ token, secret, content }) {
  const bot = new ChatBot({ webhook: `${url}/robot/send?access_token=${token}`, secret });
  try {
    const { status, data } = await bot.text(content);
    return { returned: { status, data } };
  } catch (error) {
    return { raised: error.name, code: error.response ? error.response.status : null, words: error.message };
  }
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  }
})();
